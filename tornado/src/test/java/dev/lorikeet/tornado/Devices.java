package dev.lorikeet.tornado;

import static org.junit.jupiter.api.Assumptions.abort;

import java.util.concurrent.atomic.AtomicBoolean;

/** The device of the tests that need one. */
final class Devices {
    private static final AtomicBoolean SAID = new AtomicBoolean();

    private Devices() {}

    /**
     * The first device. Without an SDK the test is skipped, and a banner says so; with one there has to be a device.
     */
    static Detection.Device first() {
        Detection.Verdict verdict = Detection.verdict();
        if (!verdict.devices().isEmpty()) {
            return verdict.devices().getFirst();
        }
        if (System.getenv("TORNADOVM_HOME") != null) {
            throw new AssertionError("TORNADOVM_HOME is set, and there is no device: " + verdict.reason());
        }
        if (SAID.compareAndSet(false, true)) {
            System.out.println("""

                    ********************************************************************************
                    *  The tests on a device are SKIPPED: TORNADOVM_HOME is not set.               *
                    *  With the folder of a TornadoVM SDK in it, mvn verify runs them; any OpenCL  *
                    *  device will do, also a processor with PoCL (Debian: pocl-opencl-icd).       *
                    ********************************************************************************
                    """);
        }
        return abort(verdict.reason());
    }
}
