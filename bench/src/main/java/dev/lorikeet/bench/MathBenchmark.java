package dev.lorikeet.bench;

import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.LayerNorms;
import dev.lorikeet.tensor.OptimizerSteps;
import dev.lorikeet.tensor.OptimizerSteps.AdamW;
import dev.lorikeet.tensor.RmsNorms;
import dev.lorikeet.tensor.Rotary;
import dev.lorikeet.tensor.Softmax;
import dev.lorikeet.tensor.Tensor;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;

/**
 * The elementary functions and what is built on them, on one thread; the functions on 8,192 normal numbers. The rotary
 * embedding and AdamW are plain loops, which C2 makes vectors of in either case.
 */
public class MathBenchmark extends OneThread {
    private static final int N = 8192;
    private static final int ROWS = 1024;
    private static final int HIDDEN = 384;
    private static final int HEADS = 12;
    private static final int HEAD_SIZE = HIDDEN / HEADS;
    private static final int CLASSES = 32_000;
    private static final int LABELS = 16;

    private final Tensor x = normal(1, N);
    private final Tensor y = Tensor.zeros(N);
    private final Tensor dy = normal(5, N);
    private final Tensor positive = normal(6, N);
    private final Tensor scores = normal(2, 12_288, 64);
    private final Tensor probabilities = Tensor.zeros(12_288, 64);
    private final Tensor hidden = normal(3, ROWS, HIDDEN);
    private final Tensor dhidden = normal(7, ROWS, HIDDEN);
    private final Tensor gamma = normal(4, HIDDEN);
    private final Tensor normalised = Tensor.zeros(ROWS, HIDDEN);
    private final Tensor statistics = Tensor.zeros(ROWS, 2);
    private final Tensor inverses = Tensor.zeros(ROWS);
    private final Rotary rotary = Rotary.of(Rotary.frequencies(HEAD_SIZE, 10_000), ROWS, Rotary.Order.HALVES);
    private final int[] positions = IntStream.range(0, ROWS).toArray();
    private final Tensor logits = normal(8, LABELS, CLASSES);
    private final int[] labels = IntStream.range(0, LABELS).toArray();
    private final Tensor lossStatistics = Tensor.zeros(LABELS, 2);
    private final Tensor m = Tensor.zeros(N);
    private final Tensor v = Tensor.zeros(N);

    @Override
    protected void prepare() {
        for (int i = 0; i < N; i++) {
            positive.data()[i] = Math.abs(positive.data()[i]);
        }
        LayerNorms.forward(compute, hidden, gamma, gamma, 1e-12f, normalised, statistics);
        RmsNorms.forward(compute, hidden, gamma, 1e-6f, normalised, inverses);
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
    public Tensor erf() {
        compute.kernels().erf(N, x.data(), 0, y.data(), 0);
        return y;
    }

    @Benchmark
    public Tensor log() {
        compute.kernels().log(N, positive.data(), 0, y.data(), 0);
        return y;
    }

    /** In its exact form, with erf. */
    @Benchmark
    public Tensor gelu() {
        Elementwise.gelu(compute, x, y);
        return y;
    }

    @Benchmark
    public Tensor geluBackward() {
        Elementwise.geluBackward(compute, x, dy, y);
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

    @Benchmark
    public Tensor layerNormBackward() {
        LayerNorms.backward(compute, hidden, gamma, statistics, dhidden, normalised);
        return normalised;
    }

    /** Of 1,024 rows of 384. */
    @Benchmark
    public Tensor rmsNorm() {
        RmsNorms.forward(compute, hidden, gamma, 1e-6f, normalised, inverses);
        return normalised;
    }

    @Benchmark
    public Tensor rmsNormBackward() {
        RmsNorms.backward(compute, hidden, gamma, inverses, dhidden, normalised);
        return normalised;
    }

    /** Of 1,024 rows of 12 heads. */
    @Benchmark
    public Tensor rotary() {
        rotary.forward(compute, hidden, positions, HEADS, normalised);
        return normalised;
    }

    /** Of 16 rows over 32,000 classes. */
    @Benchmark
    public float crossEntropy() {
        return CrossEntropy.forward(compute, logits, labels, lossStatistics);
    }

    /** One step on 8,192 weights, with a rate too small to move them far. */
    @Benchmark
    public Tensor adamW() {
        OptimizerSteps.adamW(new AdamW(1e-12, 0.9, 0.999, 1e-8, 0.01, 1), x, dy, m, v);
        return x;
    }
}
