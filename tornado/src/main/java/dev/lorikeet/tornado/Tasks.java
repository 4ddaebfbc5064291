package dev.lorikeet.tornado;

import dev.lorikeet.tornado.plan.Buffer;
import dev.lorikeet.tornado.plan.Step;
import java.util.List;
import java.util.function.Function;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Puts the steps of a plan into a task graph as kernels. Sizes become constants of the compiled kernels.
 *
 * @param tiled whether products are made in work-groups, or as plain loops
 */
record Tasks(TaskGraph graph, GridScheduler grids, boolean tiled) {

    /** Adds {@code step} as the task {@code id}. */
    void add(String id, Step step, Function<Buffer, FloatArray> arrays) {
        List<FloatArray> o = step.operands().stream().map(arrays).toList();
        List<Integer> s = step.sizes();
        switch (step.operation()) {
            case MULTIPLY -> multiply(id, o, s);
            case MULTIPLY_ROW -> multiplyRow(id, o, s);
            case ACTIVATE -> graph.task(id, ElementKernels::activate, o.get(0), o.get(1), s.get(0), s.get(1));
            case ACTIVATE_BACKWARD -> graph.task(id, ElementKernels::activateBackward, o.get(0), o.get(1), o.get(2),
                    s.get(0), s.get(1));
            case GATE -> graph.task(id, ElementKernels::gate, o.get(0), o.get(1), o.get(2), s.get(0), s.get(1));
            case GATE_BACKWARD -> graph.task(id, ElementKernels::gateBackward, o.get(0), o.get(1), o.get(2), o.get(3),
                    o.get(4), s.get(0), s.get(1));
            case SUM_ROWS -> graph.task(id, ElementKernels::sumRows, o.get(0), o.get(1), s.get(0), s.get(1));
            case ADD -> graph.task(id, ElementKernels::add, o.get(0), o.get(1), o.get(2), s.get(0));
        }
    }

    private void multiply(String id, List<FloatArray> o, List<Integer> s) {
        if (!tiled) {
            graph.task(id, ParallelKernels::multiply, o.get(0), o.get(1), o.get(2), o.get(3), o.get(4), o.get(5),
                    o.get(6), s.get(0), s.get(1), s.get(2), s.get(3), s.get(4));
            return;
        }
        WorkerGrid2D tiles = new WorkerGrid2D(Math.ceilDiv(s.get(1), TiledKernels.TILE) * TiledKernels.GROUP,
                Math.ceilDiv(s.get(0), TiledKernels.TILE) * TiledKernels.GROUP);
        tiles.setLocalWork(TiledKernels.GROUP, TiledKernels.GROUP, 1);
        grid(id, tiles);
        graph.task(id, TiledKernels::multiply, new KernelContext(), o.get(0), o.get(1), o.get(2), o.get(3), o.get(4),
                o.get(5), o.get(6), s.get(0), s.get(1), s.get(2), s.get(3), s.get(4));
    }

    private void multiplyRow(String id, List<FloatArray> o, List<Integer> s) {
        if (!tiled) {
            graph.task(id, ParallelKernels::multiplyRow, o.get(0), o.get(1), o.get(2), o.get(3), o.get(4), o.get(5),
                    s.get(0), s.get(1), s.get(2));
            return;
        }
        WorkerGrid1D rows = new WorkerGrid1D(s.get(0) * TiledKernels.LANES);
        rows.setLocalWork(TiledKernels.LANES, 1, 1);
        grid(id, rows);
        graph.task(id, TiledKernels::multiplyRow, new KernelContext(), o.get(0), o.get(1), o.get(2), o.get(3),
                o.get(4), o.get(5), s.get(0), s.get(1), s.get(2));
    }

    /** A kernel with work-groups and no grid would be one work-item, and wrong without a word. */
    private void grid(String id, WorkerGrid grid) {
        grids.addWorkerGrid(graph.getTaskGraphName() + "." + id, grid);
    }
}
