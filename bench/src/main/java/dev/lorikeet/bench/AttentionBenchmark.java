package dev.lorikeet.bench;

import dev.lorikeet.tensor.Attention;
import dev.lorikeet.tensor.Tensor;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * Attention on one thread: about 1,024 rows in sequences of one length, with the 12 heads of 32 columns of MiniLM, or
 * causal with 2 heads of keys.
 */
public class AttentionBenchmark extends OneThread {
    private static final int ROWS = 1024;
    private static final int HEADS = 12;
    private static final int HEAD_SIZE = 32;

    /** The rows of a sequence. */
    @Param({"15", "128", "1024"})
    public int length = 15;

    @Param({"false", "true"})
    public boolean causal;

    private Attention attention = Attention.bidirectional(HEADS);
    private Attention.Inputs in = inputs();
    private Tensor statistics = Tensor.zeros(0, 0);
    private Tensor out = statistics;
    private Tensor dout = statistics;
    private Tensor dq = statistics;
    private Tensor dk = statistics;
    private Tensor dv = statistics;

    @Override
    protected void prepare() {
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
        return normal(key, ROWS / length * length, heads * HEAD_SIZE);
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
