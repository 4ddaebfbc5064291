package dev.lorikeet.bench.peers.engines;

import dev.lorikeet.bench.peers.Engine;
import dev.lorikeet.bench.peers.Task;
import dev.lorikeet.bench.peers.Work;
import org.bytedeco.mkl.global.mkl_rt;
import org.jspecify.annotations.Nullable;

/** Intel's MKL in bytedeco's build. */
final class Mkl implements Engine {
    @Override
    public String name() {
        return "MKL";
    }

    /** Its version, and the kind of processor that it takes this one for. */
    @Override
    public String kernel() {
        try (mkl_rt.MKLVersion version = new mkl_rt.MKLVersion()) {
            mkl_rt.MKL_Get_Version(version);
            return version.MajorVersion() + "." + version.UpdateVersion() + " for "
                    + version.Processor().getString();
        }
    }

    @Override
    public @Nullable Task prepare(Work work, int threads) {
        if (!(work instanceof Work.Product product)) {
            return null;
        }
        mkl_rt.MKL_Set_Dynamic(0);
        mkl_rt.MKL_Set_Num_Threads(threads);
        return product.form() == Work.Form.PACKED ? new MklPacked(product) : new Blas(mkl_rt::cblas_sgemm, product);
    }
}
