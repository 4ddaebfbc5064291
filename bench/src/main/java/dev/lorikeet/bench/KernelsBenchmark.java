package dev.lorikeet.bench;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Epilogue;
import dev.lorikeet.tensor.LayerNorms;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.PackedMatrix;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.ScalarKernels;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.VectorKernels;
import dev.lorikeet.tensor.Workers;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
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

/**
 * The kernels on one thread at the sizes of a MiniLM layer: 480 rows, hidden 384, FFN 1536.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelsBenchmark {
    private static final int ROWS = 480;
    private static final int HIDDEN = 384;
    private static final int WIDE = 4 * HIDDEN;
    private static final int RANK = 8;

    private final Tensor x = normal(1, ROWS, HIDDEN);
    private final Tensor weight = normal(4, HIDDEN, HIDDEN);
    private final Tensor thin = normal(5, HIDDEN, RANK);
    private final Tensor gamma = normal(6, HIDDEN);
    private final Tensor wide = normal(7, ROWS, WIDE);
    private final Tensor y = Tensor.zeros(ROWS, HIDDEN);
    private final Tensor h = Tensor.zeros(ROWS, RANK);
    private final Tensor activated = Tensor.zeros(ROWS, WIDE);
    private final Tensor statistics = Tensor.zeros(ROWS, 2);

    /** Which kernels. */
    @Param({"scalar", "vector"})
    public String kernels = "vector";

    private Compute compute = new Compute(new ScalarKernels(), new Workers(1));
    private PackedMatrix packed = PackedMatrix.of(compute.kernels(), weight);

    private static Tensor normal(long key, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Random.fillNormal(tensor, 1f, key);
        return tensor;
    }

    @Setup
    public void choose() {
        compute = new Compute(kernels.equals("scalar") ? new ScalarKernels() : new VectorKernels(), new Workers(1));
        packed = PackedMatrix.of(compute.kernels(), weight);
    }

    /** 480 × 384 × 384, 141.6 MFLOP. */
    @Benchmark
    public Tensor matmul() {
        Matmul.packed(compute, x, packed, Epilogue.none().withBias(gamma), y, false);
        return y;
    }

    /** An adapter's first factor, 480 × 384 × 8, 2.9 MFLOP. */
    @Benchmark
    public Tensor matmulOfRank8() {
        Matmul.multiply(compute, Form.NN, 1f, x, thin, h, false);
        return h;
    }

    @Benchmark
    public Tensor layerNorm() {
        LayerNorms.forward(compute, x, gamma, gamma, 1e-12f, y, statistics);
        return y;
    }

    @Benchmark
    public Tensor gelu() {
        Elementwise.gelu(compute, wide, activated);
        return activated;
    }
}
