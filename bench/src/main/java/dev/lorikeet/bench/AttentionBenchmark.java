package dev.lorikeet.bench;

import dev.lorikeet.tensor.Attention;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
 * Attention on one thread: about 1,024 rows in sequences of one length, with the 12 heads of 32 columns of MiniLM, or
 * causal with 2 heads of keys.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class AttentionBenchmark {
    private static final int ROWS = 1024;
    private static final int HEADS = 12;
    private static final int HEAD_SIZE = 32;

    /** The rows of a sequence. */
    @Param({"15", "128", "1024"})
    public int length = 15;

    @Param({"false", "true"})
    public boolean causal;

    /** Which kernels. */
    @Param({"scalar", "vector"})
    public String kernels = "vector";

    private Compute compute = Samples.compute(kernels);
    private Attention attention = Attention.bidirectional(HEADS);
    private Attention.Inputs in = inputs();
    private Tensor statistics = Tensor.zeros(0, 0);
    private Tensor out = statistics;
    private Tensor dout = statistics;
    private Tensor dq = statistics;
    private Tensor dk = statistics;
    private Tensor dv = statistics;

    @Setup
    public void prepare() {
        compute = Samples.compute(kernels);
        attention = causal ? Attention.causal(HEADS, 2) : Attention.bidirectional(HEADS);
        in = inputs();
        statistics = Tensor.zeros(attention.statisticsShape(in.q()));
        out = Tensor.zeros(in.q().shape());
        dout = normal(4, HEADS);
        dq = Tensor.zeros(in.q().shape());
        dk = Tensor.zeros(in.k().shape());
        dv = Tensor.zeros(in.v().shape());
        attention.forward(compute, in, out, statistics);
    }

    private Attention.Inputs inputs() {
        int[] offsets = IntStream.rangeClosed(0, ROWS / length).map(s -> s * length).toArray();
        return Attention.Inputs.of(normal(1, HEADS), normal(2, attention.kvHeads()), normal(3, attention.kvHeads()),
                offsets);
    }

    private Tensor normal(long key, int heads) {
        return Samples.normal(key, ROWS / length * length, heads * HEAD_SIZE);
    }

    @Benchmark
    public Tensor forward() {
        attention.forward(compute, in, out, statistics);
        return out;
    }

    @Benchmark
    public Tensor backward() {
        attention.backward(compute, in, out, statistics, dout, dq, dk, dv);
        return dq;
    }
}
