package dev.lorikeet.bench;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Kernels;
import dev.lorikeet.tensor.LayerNorms;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.ScalarKernels;
import dev.lorikeet.tensor.Softmax;
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

/** The elementary functions and what is built on them, on one thread; the functions on 8,192 normal numbers. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MathBenchmark {
    private static final int N = 8192;

    private final Tensor x = normal(1, N);
    private final Tensor y = Tensor.zeros(N);
    private final Tensor scores = normal(2, 12_288, 64);
    private final Tensor probabilities = Tensor.zeros(12_288, 64);
    private final Tensor hidden = normal(3, 1024, 384);
    private final Tensor gamma = normal(4, 384);
    private final Tensor normalised = Tensor.zeros(1024, 384);
    private final Tensor statistics = Tensor.zeros(1024, 2);

    /** Which kernels. */
    @Param({"scalar", "vector"})
    public String kernels = "vector";

    private Compute compute = new Compute(new ScalarKernels(), new Workers(1));

    private static Tensor normal(long key, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Random.fillNormal(tensor, 1f, key);
        return tensor;
    }

    @Setup
    public void choose() {
        Kernels chosen = kernels.equals("scalar") ? new ScalarKernels() : new VectorKernels();
        compute = new Compute(chosen, new Workers(1));
    }

    /** e^x and its sum. */
    @Benchmark
    public float exp() {
        return compute.kernels().exp(N, x.data(), 0, 1f, 0f, y.data(), 0);
    }

    @Benchmark
    public Tensor tanh() {
        Elementwise.tanh(compute, x, y);
        return y;
    }

    @Benchmark
    public Tensor log() {
        compute.kernels().log(N, x.data(), 0, y.data(), 0);
        return y;
    }

    /** In its exact form, with erf. */
    @Benchmark
    public Tensor gelu() {
        Elementwise.gelu(compute, x, y);
        return y;
    }

    @Benchmark
    public Tensor geluTanh() {
        Elementwise.geluTanh(compute, x, y);
        return y;
    }

    @Benchmark
    public Tensor silu() {
        Elementwise.silu(compute, x, y);
        return y;
    }

    /** Of 12,288 rows of 64: the attention of 12 heads in 16 sequences of 64. */
    @Benchmark
    public Tensor softmax() {
        Softmax.forward(compute, scores, probabilities);
        return probabilities;
    }

    /** Of 1,024 rows of 384. */
    @Benchmark
    public Tensor layerNorm() {
        LayerNorms.forward(compute, hidden, gamma, gamma, 1e-12f, normalised, statistics);
        return normalised;
    }
}
