package dev.lorikeet.bench.peers.engines;

import dev.lorikeet.bench.peers.Engine;
import dev.lorikeet.bench.peers.Task;
import dev.lorikeet.bench.peers.Work;
import org.bytedeco.openblas.global.openblas_full;
import org.jspecify.annotations.Nullable;

/** OpenBLAS in bytedeco's build. */
final class OpenBlas implements Engine {
    @Override
    public String name() {
        return "OpenBLAS";
    }

    /** Its version and options, and the name of the processor whose kernels it took. */
    @Override
    public String kernel() {
        return openblas_full.openblas_get_config().getString() + "; kernel "
                + openblas_full.openblas_get_corename().getString();
    }

    @Override
    public @Nullable Task prepare(Work work, int threads) {
        if (!(work instanceof Work.Product product)) {
            return null;
        }
        openblas_full.openblas_set_num_threads(threads);
        return new Blas(openblas_full::cblas_sgemm, product);
    }
}
