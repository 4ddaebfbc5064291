package dev.lorikeet.tensor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Buffers that one step takes and the next takes again, so that a steady training step makes no garbage. Not
 * thread-safe: it belongs to the thread that trains.
 *
 * <p>Capacities are rounded up to four steps in each power of two, so that batches of different lengths share buffers.
 */
public final class Workspace {
    private final Map<Integer, List<float[]>> free = new HashMap<>();

    /** A tensor of unspecified contents. */
    public Tensor take(Shape shape) {
        List<float[]> buffers = free.get(capacity(shape.size()));
        float[] buffer = buffers == null || buffers.isEmpty() ? new float[capacity(shape.size())]
                : buffers.removeLast();
        return Tensor.of(buffer, shape);
    }

    /** Takes {@code tensor} back; nothing may use it, or a view of it, any more. */
    public void give(Tensor tensor) {
        float[] buffer = tensor.data();
        free.computeIfAbsent(buffer.length, c -> new ArrayList<>()).add(buffer);
    }

    private static int capacity(int size) {
        if (size <= 64) {
            return 64;
        }
        int step = Integer.highestOneBit(size - 1) / 4;
        return Math.ceilDiv(size, step) * step;
    }
}
