package dev.lorikeet.bench.roofline;

import com.sun.management.ThreadMXBean;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.bench.Median;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/** The times of a pass's operations and what they allocate on this thread, in each of several runs. */
final class Stopwatch implements Recorder {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** The most operations of a pass. */
    private static final int MOST = 4096;

    /** By operation and run. */
    private final double[][] seconds;
    private final double[][] allocated;
    private int run = -1;
    private int next;
    private long time;
    private long bytes;

    Stopwatch(int runs) {
        seconds = new double[MOST][runs];
        allocated = new double[MOST][runs];
    }

    /** The median of what an operation took. */
    double seconds(int operation) {
        return Median.of(seconds[operation]);
    }

    /** The median of the bytes of objects that this thread made in an operation. */
    double allocated(int operation) {
        return Median.of(allocated[operation]);
    }

    /** How many operations a run has. */
    int operations() {
        return next;
    }

    void nextRun() {
        run++;
        next = 0;
    }

    @Override
    public void begin() {
        bytes = THREADS.getCurrentThreadAllocatedBytes();
        time = System.nanoTime();
    }

    @Override
    public void mark(String name) {
        long now = System.nanoTime();
        seconds[next][run] = 1e-9 * (now - time);
        long bytesNow = THREADS.getCurrentThreadAllocatedBytes();
        allocated[next][run] = bytesNow - bytes;
        bytes = bytesNow;
        next++;
        time = System.nanoTime();
    }

    @Override
    public void forward(String operation, Variable output, @Nullable Variable[] inputs) {
        mark(operation);
    }

    @Override
    public void backward(String operation, Variable output, @Nullable Variable[] inputs) {
        mark(operation);
    }
}
