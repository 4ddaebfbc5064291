package dev.lorikeet.tornado;

import dev.lorikeet.tornado.plan.Buffer;
import dev.lorikeet.tornado.plan.Buffer.Travel;
import dev.lorikeet.tornado.plan.Graph;
import dev.lorikeet.tornado.plan.LayerPlan;
import dev.lorikeet.tornado.plan.Pair;
import dev.lorikeet.tornado.plan.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The compiled graphs of some weights: one execution plan, in which each graph takes the weights over from whichever
 * ran before it, so that they are on the device once. Belongs to the lock of its device.
 */
final class DevicePlan implements AutoCloseable {
    private static final AtomicLong NAMES = new AtomicLong();

    private final String device;
    private final Map<Buffer, FloatArray> weights;
    private final List<Pair> pairs;
    private final List<Map<Buffer, FloatArray>> arrays = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    /** The place of each pair's forward graph in the plan. */
    private final List<Integer> places = new ArrayList<>();
    private final TornadoExecutionPlan plan;
    private boolean loaded;

    DevicePlan(TornadoDevice device, boolean tiled, Map<Buffer, FloatArray> weights, List<Pair> pairs) {
        this.device = device.getPhysicalDevice().getDeviceName();
        this.weights = weights;
        this.pairs = List.copyOf(pairs);
        String prefix = "lorikeet" + NAMES.incrementAndGet();
        names.add(prefix + "load");
        for (Pair pair : pairs) {
            places.add(names.size());
            names.add(prefix + "there" + names.size());
            if (pair.backward() != null) {
                names.add(prefix + "back" + names.size());
            }
        }
        GridScheduler grids = new GridScheduler();
        List<ImmutableTaskGraph> built = new ArrayList<>(List.of(load()));
        for (Pair pair : pairs) {
            Map<Buffer, FloatArray> own = new HashMap<>(weights);
            pair.buffers().forEach(buffer -> own.computeIfAbsent(buffer, DevicePlan::array));
            arrays.add(own);
            String there = names.get(built.size());
            built.add(graph(there, there, pair.forward(), own, new Tasks(new TaskGraph(there), grids, tiled)));
            Graph back = pair.backward();
            if (back != null) {
                String name = names.get(built.size());
                built.add(graph(name, there, back, own, new Tasks(new TaskGraph(name), grids, tiled)));
            }
        }
        plan = new TornadoExecutionPlan(built.toArray(ImmutableTaskGraph[]::new));
        plan.withDevice(device);
        if (!grids.keySet().isEmpty()) { // plain loops need none, and one of no use is refused
            plan.withGridScheduler(grids);
        }
    }

    private static FloatArray array(Buffer buffer) {
        FloatArray array = new FloatArray(buffer.length());
        array.init(buffer.equals(LayerPlan.ONE) ? 1f : 0f);
        return array;
    }

    /** Sends the weights; a graph needs a task, and this one reads them. */
    private ImmutableTaskGraph load() {
        TaskGraph graph = new TaskGraph(names.getFirst());
        Object[] all = weights.values().toArray();
        graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, all);
        int task = 0;
        for (FloatArray weight : weights.values()) {
            FloatArray first = new FloatArray(1);
            graph.task("t" + task++, ElementKernels::first, weight, first);
            graph.persistOnDevice(first);
        }
        graph.persistOnDevice(all);
        return graph.snapshot();
    }

    /** @param before the graph that leaves what this one finds */
    private ImmutableTaskGraph graph(String name, String before, Graph planned, Map<Buffer, FloatArray> own,
            Tasks tasks) {
        TaskGraph graph = tasks.graph();
        for (String other : names) { // any graph may have run before, and hands the weights on
            graph.consumeFromDevice(other, weights.values().toArray());
        }
        Object[] found = of(planned.found().stream().filter(b -> b.travel() != Travel.WEIGHT).toList(), own);
        if (found.length > 0) {
            graph.consumeFromDevice(before, found);
        }
        if (!planned.sent().isEmpty()) {
            graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, of(planned.sent(), own));
        }
        if (!planned.constants().isEmpty()) {
            graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, of(planned.constants(), own));
        }
        int task = 0;
        for (Step step : planned.steps()) {
            tasks.add("t" + task++, step, buffer -> Objects.requireNonNull(own.get(buffer)));
        }
        graph.transferToHost(DataTransferMode.EVERY_EXECUTION, of(planned.fetched(), own));
        // The weights are not named here: each graph that leaves a buffer frees it, and a second time fails.
        List<Buffer> left = new ArrayList<>(planned.sent());
        left.addAll(planned.made().stream().filter(b -> b.travel() != Travel.BACK).toList());
        if (!left.isEmpty()) {
            graph.persistOnDevice(of(left, own));
        }
        return graph.snapshot();
    }

    private static Object[] of(List<Buffer> buffers, Map<Buffer, FloatArray> own) {
        return buffers.stream().map(own::get).toArray();
    }

    /** The host's side of a buffer of the pair. */
    FloatArray array(int pair, Buffer buffer) {
        FloatArray array = arrays.get(pair).get(buffer);
        if (array == null) {
            throw new IllegalArgumentException("device plan: no buffer " + buffer);
        }
        return array;
    }

    /**
     * Runs the forward graph of a pair, or the backward one.
     *
     * @throws DeviceException if the device fails
     */
    void run(int pair, boolean backward) {
        if (!loaded) {
            execute(0, "the weights are sent");
            loaded = true;
        }
        Pair of = pairs.get(pair);
        Graph graph = backward ? Objects.requireNonNull(of.backward()) : of.forward();
        execute(places.get(pair) + (backward ? 1 : 0), graph.title());
    }

    private void execute(int graph, String what) {
        guarded(device, what, () -> plan.withGraph(graph).execute());
    }

    /** Says of what fails on which device, and at which kernels, since TornadoVM does not always. */
    static void guarded(String device, String what, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            throw new DeviceException(device, what, e);
        }
    }

    /** Whether the weights have been sent. */
    boolean loaded() {
        return loaded;
    }

    /** The memory that TornadoVM counts for this plan now. */
    long deviceBytes() {
        plan.withAllGraphs();
        return plan.getCurrentDeviceMemoryUsage();
    }

    /** A plan closed with one graph chosen would free that one's memory alone. */
    @Override
    public void close() {
        try {
            plan.withAllGraphs();
            plan.close();
        } catch (TornadoExecutionPlanException e) {
            throw new DeviceException(device, "its memory is freed", e);
        }
    }
}
