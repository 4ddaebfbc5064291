package dev.lorikeet.tornado;

import dev.lorikeet.tornado.plan.Buffer;
import dev.lorikeet.tornado.plan.Graph;
import dev.lorikeet.tornado.plan.MemoryBudget;
import dev.lorikeet.tornado.plan.Pair;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Weights that live on a device, with the plans for what was asked of them: one for each number of rows, rounded, and
 * each kind of layer. All are graphs of one {@link DevicePlan}, which is made anew when a kind is added. Belongs to
 * the lock of its device.
 */
final class Resident implements AutoCloseable {
    private final TornadoDevice device;
    private final boolean tiled;
    private final MemoryBudget budget;
    private final Traffic traffic;
    private final Map<Buffer, FloatArray> weights;
    private final Map<Object, Pair> pairs = new LinkedHashMap<>();
    private @Nullable DevicePlan plan;
    private long bytes;
    private @Nullable Object last;

    /** @param weights in the host's memory, where TornadoVM wants them to stay */
    Resident(TornadoDevice device, boolean tiled, MemoryBudget budget, Traffic traffic,
            Map<Buffer, FloatArray> weights) {
        this.device = device;
        this.tiled = tiled;
        this.budget = budget;
        this.traffic = traffic;
        this.weights = weights;
    }

    /**
     * Makes room for {@code pair} under its key, if there is memory for it.
     *
     * @return null where all is there now, else what is missing
     */
    @Nullable
    String prepare(Object key, Pair pair) {
        if (pairs.containsKey(key)) {
            return null;
        }
        long more = pair.bytes() + (pairs.isEmpty() ? weightBytes() : 0);
        if (!budget.take(more)) {
            close(); // the kinds that were asked for before make room
            more = pair.bytes() + weightBytes();
            if (!budget.take(more)) {
                return budget.refusal(more);
            }
        }
        bytes += more;
        closePlan();
        pairs.put(key, pair);
        return null;
    }

    private long weightBytes() {
        return weights.keySet().stream().mapToLong(Buffer::bytes).sum();
    }

    private DevicePlan plan() {
        DevicePlan current = plan;
        if (current == null) {
            current = new DevicePlan(device, tiled, weights, new ArrayList<>(pairs.values()));
            plan = current;
        }
        return current;
    }

    private int index(Object key) {
        int index = List.copyOf(pairs.keySet()).indexOf(key);
        if (index < 0) {
            throw new IllegalStateException("device: no plan for " + key);
        }
        return index;
    }

    /** The host's side of a buffer. */
    FloatArray array(Object key, Buffer buffer) {
        return plan().array(index(key), buffer);
    }

    /**
     * Runs the way there; what it leaves on the device belongs to {@code owner} until something else runs here.
     *
     * @throws DeviceException if the device fails
     */
    void forward(Object key, @Nullable Object owner) {
        run(key, false);
        last = owner;
    }

    /** Whether what {@link #forward} left for {@code owner} is still on the device. */
    boolean holds(Object owner) {
        return last == owner;
    }

    /**
     * Runs the way back, right after the way there.
     *
     * @throws DeviceException if the device fails
     */
    void backward(Object key) {
        run(key, true);
        last = null;
    }

    private void run(Object key, boolean backward) {
        Pair pair = Objects.requireNonNull(pairs.get(key));
        DevicePlan current = plan();
        if (!current.loaded()) {
            weights.keySet().forEach(weight -> traffic.weights(weight.bytes()));
        }
        current.run(index(key), backward);
        Graph graph = backward ? Objects.requireNonNull(pair.backward()) : pair.forward();
        traffic.ran(graph.bytesSent(), graph.bytesFetched());
    }

    /** The memory that TornadoVM counts for these weights now. */
    long deviceBytes() {
        return plan == null ? 0 : plan.deviceBytes();
    }

    /** The memory on the device that is counted for these weights. */
    long bytes() {
        return bytes;
    }

    private void closePlan() {
        DevicePlan current = plan;
        plan = null;
        last = null;
        if (current != null) {
            current.close();
        }
    }

    @Override
    public void close() {
        closePlan();
        pairs.clear();
        budget.give(bytes);
        bytes = 0;
    }
}
