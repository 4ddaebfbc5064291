package dev.lorikeet.bench;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.kernel.ScalarKernels;
import dev.lorikeet.tensor.kernel.VectorKernels;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the benchmarks on one thread have in common: scalar and vector code in turn, on the same numbers. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public abstract class OneThread {
    /** Which kernels. */
    @Param({"scalar", "vector"})
    public String kernels = "vector";

    /** One thread with these kernels. */
    protected Compute compute = new Cpu(new ScalarKernels(), new Workers(1));

    @Setup
    public final void choose() {
        compute = new Cpu(kernels.equals("scalar") ? new ScalarKernels() : new VectorKernels(), new Workers(1));
        prepare();
    }

    /** Makes what depends on the kernels or on further parameters. */
    protected void prepare() {}

    /** Normal numbers; those of one key are always the same. */
    protected static Tensor normal(long key, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Random.fillNormal(tensor, 1f, key);
        return tensor;
    }
}
