package dev.lorikeet.bench.peers.engines;

import dev.lorikeet.bench.peers.Digest;
import dev.lorikeet.bench.peers.Inputs;
import dev.lorikeet.bench.peers.Task;
import dev.lorikeet.bench.peers.Work.Product;
import org.bytedeco.javacpp.FloatPointer;

/** A product by {@code cblas_sgemm}, on native memory. */
final class Blas implements Task {
    private static final int ROW_MAJOR = 101;
    private static final int AS_IT_IS = 111;
    private static final int TRANSPOSED = 112;

    /** C's interface, row-major. */
    @FunctionalInterface
    interface Sgemm {
        void multiply(int order, int transA, int transB, int m, int n, int k, float alpha, FloatPointer a, int lda,
                FloatPointer b, int ldb, float beta, FloatPointer c, int ldc);
    }

    private final Sgemm sgemm;
    private final Product product;
    private final FloatPointer a;
    private final FloatPointer b;
    private final FloatPointer c;

    Blas(Sgemm sgemm, Product product) {
        this.sgemm = sgemm;
        this.product = product;
        a = new FloatPointer(Inputs.uniform(1, product.m() * product.k()));
        b = new FloatPointer(Inputs.uniform(2, product.k() * product.n()));
        c = new FloatPointer((long) product.m() * product.n());
    }

    @Override
    public void run() {
        int m = product.m();
        int n = product.n();
        int k = product.k();
        boolean turnA = product.form().turnsA();
        boolean turnB = product.form().turnsB();
        sgemm.multiply(ROW_MAJOR, turnA ? TRANSPOSED : AS_IT_IS, turnB ? TRANSPOSED : AS_IT_IS, m, n, k, 1f, a,
                turnA ? m : k, b, turnB ? k : n, 0f, c, n);
    }

    @Override
    public double digest() {
        float[] result = new float[product.m() * product.n()];
        c.get(result);
        return Digest.of(result);
    }

    @Override
    public void close() {
        a.close();
        b.close();
        c.close();
    }
}
