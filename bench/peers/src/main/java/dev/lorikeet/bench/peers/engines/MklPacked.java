package dev.lorikeet.bench.peers.engines;

import dev.lorikeet.bench.peers.Digest;
import dev.lorikeet.bench.peers.Inputs;
import dev.lorikeet.bench.peers.Task;
import dev.lorikeet.bench.peers.Work.Product;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.mkl.global.mkl_rt;

/** A product with a weight (n, k) that MKL packed before: alone among the peers it can. */
final class MklPacked implements Task {
    private static final int ROW_MAJOR = 101;
    private static final int AS_IT_IS = 111;
    private static final int TRANSPOSED = 112;
    private static final int PACKED = 151;
    private static final int MATRIX_B = 162;

    private final Product product;
    private final FloatPointer a;
    private final FloatPointer packed;
    private final FloatPointer c;

    MklPacked(Product product) {
        this.product = product;
        int m = product.m();
        int n = product.n();
        int k = product.k();
        a = new FloatPointer(Inputs.uniform(1, m * k));
        c = new FloatPointer((long) m * n);
        packed = new FloatPointer(mkl_rt.cblas_sgemm_pack_get_size(MATRIX_B, m, n, k) / Float.BYTES);
        try (FloatPointer b = new FloatPointer(Inputs.uniform(2, k * n))) {
            mkl_rt.cblas_sgemm_pack(ROW_MAJOR, MATRIX_B, TRANSPOSED, m, n, k, 1f, b, k, packed);
        }
    }

    @Override
    public void run() {
        mkl_rt.cblas_sgemm_compute(ROW_MAJOR, AS_IT_IS, PACKED, product.m(), product.n(), product.k(), a, product.k(),
                packed, product.k(), 0f, c, product.n());
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
        packed.close();
        c.close();
    }
}
