package dev.lorikeet.tornado;

import dev.lorikeet.tornado.plan.Buffer;
import dev.lorikeet.tornado.plan.Graph;
import dev.lorikeet.tornado.plan.LayerPlan;
import dev.lorikeet.tornado.plan.Step;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Runs the steps of a graph in Java. What no step has written is NaN, so that reading it is seen. */
final class JavaDevice implements BiFunction<Graph, Map<Buffer, float[]>, Map<Buffer, float[]>> {
    private final boolean tiled;

    JavaDevice(boolean tiled) {
        this.tiled = tiled;
    }

    @Override
    public Map<Buffer, float[]> apply(Graph graph, Map<Buffer, float[]> values) {
        Map<Buffer, FloatArray> arrays = new HashMap<>();
        for (Buffer buffer : graph.buffers()) {
            FloatArray array = new FloatArray(buffer.length());
            if (values.containsKey(buffer)) {
                float[] from = values.get(buffer);
                for (int i = 0; i < buffer.length(); i++) {
                    array.set(i, from[i]);
                }
            } else {
                array.init(graph.constants().contains(buffer) ? buffer.equals(LayerPlan.ONE) ? 1f : 0f : Float.NaN);
            }
            arrays.put(buffer, array);
        }
        for (Step step : graph.steps()) {
            run(step, step.operands().stream().map(arrays::get).toList());
        }
        Map<Buffer, float[]> after = new HashMap<>(values);
        arrays.forEach((buffer, array) -> after.put(buffer, array.toHeapArray()));
        return after;
    }

    private void run(Step step, List<FloatArray> o) {
        int[] s = step.sizes().stream().mapToInt(Integer::intValue).toArray();
        switch (step.operation()) {
            case MULTIPLY -> {
                if (tiled) {
                    Groups.run((s[1] + 63) / 64, (s[0] + 63) / 64, 16, 16, context -> TiledKernels.multiply(context,
                            o.get(0), o.get(1), o.get(2), o.get(3), o.get(4), o.get(5), o.get(6), s[0], s[1], s[2],
                            s[3], s[4]));
                } else {
                    ParallelKernels.multiply(o.get(0), o.get(1), o.get(2), o.get(3), o.get(4), o.get(5), o.get(6),
                            s[0], s[1], s[2], s[3], s[4]);
                }
            }
            case MULTIPLY_ROW -> {
                if (tiled) {
                    Groups.run(s[0], 1, 32, 1, context -> TiledKernels.multiplyRow(context, o.get(0), o.get(1),
                            o.get(2), o.get(3), o.get(4), o.get(5), s[0], s[1], s[2]));
                } else {
                    ParallelKernels.multiplyRow(o.get(0), o.get(1), o.get(2), o.get(3), o.get(4), o.get(5), s[0], s[1],
                            s[2]);
                }
            }
            case ACTIVATE -> ElementKernels.activate(o.get(0), o.get(1), s[0], s[1]);
            case ACTIVATE_BACKWARD -> ElementKernels.activateBackward(o.get(0), o.get(1), o.get(2), s[0], s[1]);
            case GATE -> ElementKernels.gate(o.get(0), o.get(1), o.get(2), s[0], s[1]);
            case GATE_BACKWARD -> ElementKernels.gateBackward(o.get(0), o.get(1), o.get(2), o.get(3), o.get(4), s[0],
                    s[1]);
            case SUM_ROWS -> ElementKernels.sumRows(o.get(0), o.get(1), s[0], s[1]);
            case ADD -> ElementKernels.add(o.get(0), o.get(1), o.get(2), s[0]);
        }
    }
}
