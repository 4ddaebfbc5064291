package dev.lorikeet.tornado;

import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A kernel that TornadoVM cannot compile for OpenCL or CUDA. */
final class BrokenKernel {
    private static final int LENGTH = 4;
    private static final float UNTOUCHED = 7f;
    private static final FloatArray RESULT = new FloatArray(LENGTH);

    private BrokenKernel() {}

    /** @throws DeviceException as it should */
    static void run(String device) {
        FloatArray x = new FloatArray(LENGTH);
        x.init(1f);
        RESULT.init(UNTOUCHED);
        DevicePlan.guarded(device, "the kernel of bits", () -> {
            TaskGraph graph = new TaskGraph("lorikeetBroken").transferToDevice(DataTransferMode.EVERY_EXECUTION, x)
                    .task("t0", BrokenKernel::bits, x, RESULT)
                    .transferToHost(DataTransferMode.EVERY_EXECUTION, RESULT);
            new TornadoExecutionPlan(graph.snapshot()).execute();
        });
    }

    /** Whether the Java method ran in its place. */
    static boolean ran() {
        for (int i = 0; i < LENGTH; i++) {
            if (RESULT.get(i) != UNTOUCHED) {
                return true;
            }
        }
        return false;
    }

    private static void bits(FloatArray x, FloatArray y) {
        for (@Parallel
        int i = 0; i < LENGTH; i++) {
            y.set(i, Float.intBitsToFloat(Float.floatToRawIntBits(x.get(i)) ^ i));
        }
    }
}
