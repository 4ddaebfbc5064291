package dev.lorikeet.tornado;

import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** One small kernel with a work-group, on a device and in Java. */
final class SelfTest {
    private static final int LENGTH = TiledKernels.LANES;

    private SelfTest() {}

    /**
     * Runs it.
     *
     * @return the device's name
     * @throws IllegalStateException if the results differ
     */
    static String run(int backend, int index) throws Exception {
        TornadoDevice device = TornadoRuntimeProvider.getTornadoRuntime().getBackend(backend).getDevice(index);
        FloatArray x = new FloatArray(LENGTH);
        FloatArray y = new FloatArray(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            x.set(i, i * 0.5f);
        }
        TaskGraph graph = new TaskGraph("lorikeetSelfTest" + backend + "x" + index)
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, x)
                .task("t0", SelfTest::reverse, new KernelContext(), x, y)
                .transferToHost(DataTransferMode.EVERY_EXECUTION, y);
        WorkerGrid1D grid = new WorkerGrid1D(LENGTH);
        grid.setLocalWork(LENGTH, 1, 1);
        ImmutableTaskGraph built = graph.snapshot();
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(built)) {
            plan.withDevice(device);
            plan.withGridScheduler(new GridScheduler(graph.getTaskGraphName() + ".t0", grid));
            plan.execute();
        }
        for (int i = 0; i < LENGTH; i++) {
            float expected = x.get(LENGTH - 1 - i) * 2f + 1f;
            if (y.get(i) != expected) {
                throw new IllegalStateException("gives " + y.get(i) + " where Java gives " + expected);
            }
        }
        return device.getPhysicalDevice().getDeviceName();
    }

    /** y = 2x + 1, back to front, through local memory. */
    private static void reverse(KernelContext context, FloatArray x, FloatArray y) {
        float[] local = context.allocateFloatLocalArray(LENGTH);
        int i = context.localIdx;
        local[i] = x.get(i);
        context.localBarrier();
        y.set(i, local[LENGTH - 1 - i] * 2f + 1f);
    }
}
