package dev.lorikeet.bench.peers.engines;

import dev.lorikeet.bench.peers.Digest;
import dev.lorikeet.bench.peers.Engine;
import dev.lorikeet.bench.peers.Inputs;
import dev.lorikeet.bench.peers.Task;
import dev.lorikeet.bench.peers.Work;
import org.bytedeco.openblas.global.openblas_full;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J. It brings an old OpenBLAS that does not know newer processors, so that it gets the new one here. */
final class Nd4jEngine implements Engine {
    @Override
    public String name() {
        return "ND4J";
    }

    @Override
    public String kernel() {
        return "1.0.0-M2.1, given " + openblas_full.openblas_get_config().getString() + "; kernel "
                + openblas_full.openblas_get_corename().getString() + "; its own is 0.3.19";
    }

    @Override
    public @Nullable Task prepare(Work work, int threads) {
        if (!(work instanceof Work.Product product)) {
            return null;
        }
        Nd4j.getEnvironment().setMaxThreads(threads);
        Nd4j.getEnvironment().setMaxMasterThreads(threads);
        openblas_full.openblas_set_num_threads(threads);
        return new ProductTask(product);
    }

    /** A product by {@code mmuli}. */
    private static final class ProductTask implements Task {
        private final INDArray a;
        private final INDArray b;
        private final INDArray c;

        ProductTask(Work.Product product) {
            int m = product.m();
            int n = product.n();
            int k = product.k();
            float[] left = Inputs.uniform(1, m * k);
            float[] right = Inputs.uniform(2, k * n);
            a = product.form().turnsA() ? create(left, k, m).transpose() : create(left, m, k);
            b = product.form().turnsB() ? create(right, n, k).transpose()
                    : create(right, k, n);
            c = Nd4j.create(DataType.FLOAT, new long[] {m, n}, 'f'); // the order that it is fastest with
        }

        private static INDArray create(float[] data, long rows, long columns) {
            return Nd4j.create(data, new long[] {rows, columns}, 'c');
        }

        @Override
        public void run() {
            a.mmuli(b, c);
        }

        @Override
        public double digest() {
            return Digest.of(c.dup('c').data().asFloat());
        }

        @Override
        public void close() {
            c.close();
        }
    }
}
