package dev.lorikeet.tensor;

import java.util.Arrays;

/**
 * Buffers that one step takes and the next takes again, so that a steady training step makes no garbage. Not
 * thread-safe: it belongs to the thread that trains.
 *
 * <p>A request gets the smallest free buffer that holds it. Batches differ in length: {@link #expect} says how long
 * they get, so that the buffers of the first step serve all others.
 */
public final class Workspace implements Room {
    /** So many times its size a buffer may have while there are few: the large ones are for what is large. */
    private static final int SLACK = 2;

    /** The free buffers, shortest first. */
    private float[][] free = new float[64][];
    private int count;
    private int rows = 1;
    private int most = 1;
    private boolean grown;

    /**
     * Says that the next step works on {@code rows} rows and that no step will on more than {@code most}: what the step
     * finds no buffer for gets one that is large enough for the longest.
     */
    public void expect(int rows, int most) {
        grown = most <= this.most;
        this.rows = rows;
        this.most = Math.max(most, this.most);
    }

    @Override
    public Tensor take(Shape shape) {
        int size = shape.size();
        int at = firstOfLength(size);
        int largest = grown ? Integer.MAX_VALUE : (int) Math.min(Integer.MAX_VALUE, SLACK * Math.max(16, full(size)));
        if (at == count || free[at].length > largest) {
            return Tensor.of(new float[(int) Math.min(Integer.MAX_VALUE - 8, full(size))], shape);
        }
        float[] buffer = free[at];
        System.arraycopy(free, at + 1, free, at, --count - at);
        return Tensor.of(buffer, shape);
    }

    /** What {@code size} elements would be in a step of the most rows. */
    private long full(int size) {
        return Math.max(size, Math.ceilDiv((long) size * most, rows));
    }

    /** Takes {@code tensor} back; nothing may use it, or a view of it, any more. */
    public void give(Tensor tensor) {
        float[] buffer = tensor.data();
        if (count == free.length) {
            free = Arrays.copyOf(free, 2 * count);
        }
        int at = firstOfLength(buffer.length);
        System.arraycopy(free, at, free, at + 1, count++ - at);
        free[at] = buffer;
    }

    /** How many elements the free buffers have room for. */
    public long elements() {
        return Arrays.stream(free, 0, count).mapToLong(buffer -> buffer.length).sum();
    }

    /** The index of the first free buffer of at least {@code length} elements. */
    private int firstOfLength(int length) {
        int from = 0;
        int to = count;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (free[middle].length < length) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }
}
