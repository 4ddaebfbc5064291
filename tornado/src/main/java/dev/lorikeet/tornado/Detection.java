package dev.lorikeet.tornado;

import java.lang.System.Logger.Level;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether this JVM has a TornadoVM, and a device that computes rightly. Names none of TornadoVM's types: it is read by
 * reflection, and nothing that it throws gets out.
 */
final class Detection {
    /** TornadoVM's own: a kernel that cannot be compiled is to be an error, not a sequential run of its Java method. */
    static final String RECOVER = "tornado.recover.bailout";

    private static final String RUNTIME = "tornado.load.runtime.implementation";
    private static final String API = "uk.ac.manchester.tornado.api.";
    /**
     * Of TornadoVM, read once by its first classes: no recovery; strict arithmetic, where its default lets a compiler
     * take it that there are no NaNs; and room for the code of a block's way back, which has 17 kernels.
     */
    private static final Map<String, String> SETTINGS = Map.of(RECOVER, "False", "tornado.opencl.compiler.flags", "-w",
            "tornado.tvm.maxbytecodesize", "65536");
    private static final String START = "java @$TORNADOVM_HOME/tornado-argfile -D" + RECOVER + "=False";
    private static @Nullable Verdict cached;

    private Detection() {}

    /**
     * A device that has passed its test.
     *
     * @param backend TornadoVM's index of the backend, under which {@code index} counts
     * @param kind the backend's type, for example {@code OPENCL}
     */
    record Device(int backend, int index, String kind, String name) {}

    /** @param reason what was found, or why there is none: one line */
    record Verdict(List<Device> devices, String reason) {
        Verdict {
            devices = List.copyOf(devices);
        }
    }

    /** Looks at the first call, which takes about half a second where there is a TornadoVM. */
    static synchronized Verdict verdict() {
        Verdict verdict = cached;
        if (verdict == null) {
            verdict = look();
            cached = verdict;
            System.getLogger(Detection.class.getName()).log(Level.DEBUG, verdict.reason);
        }
        return verdict;
    }

    private static Verdict look() {
        try {
            String absent = absent();
            return absent.isEmpty() ? devices() : new Verdict(List.of(), absent);
        } catch (Throwable e) { // the runtime throws Errors where JVMCI is off or a library missing
            return new Verdict(List.of(), "TornadoVM does not start: " + DeviceException.rootOf(e));
        }
    }

    /** Why there can be no TornadoVM in this JVM, or nothing. */
    private static String absent() {
        if (System.getProperty(RUNTIME) == null) {
            return "no TornadoVM in this JVM: start it with " + START;
        }
        if (ModuleLayer.boot().findModule("tornado.runtime").isEmpty()) {
            return "TornadoVM's API without its runtime: the module tornado.runtime is missing, start the JVM with "
                    + START;
        }
        SETTINGS.forEach((key, value) -> {
            if (System.getProperty(key) == null) {
                System.setProperty(key, value);
            }
        });
        if (Boolean.parseBoolean(System.getProperty(RECOVER))) {
            return "TornadoVM would run what it cannot compile as sequential Java, and wrongly: start the JVM with -D"
                    + RECOVER + "=False";
        }
        return "";
    }

    private static Verdict devices() throws ReflectiveOperationException {
        Object runtime = call(null,
                Class.forName(API + "runtime.TornadoRuntimeProvider").getMethod("getTornadoRuntime"));
        Class<?> api = Class.forName(API + "TornadoRuntime");
        Class<?> backends = Class.forName(API + "TornadoBackend");
        int count = (int) call(runtime, api.getMethod("getNumBackends"));
        List<Device> found = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Object backend = api.getMethod("getBackend", int.class).invoke(runtime, i);
            if (backend == null) {
                refused.add("backend " + i + " is not there");
                continue;
            }
            String kind = String.valueOf(call(backend, backends.getMethod("getBackendType")));
            if (kind.equals("VIRTUAL")) {
                refused.add("a virtual backend gives zeros for every result");
                continue;
            }
            int devices = (int) call(backend, backends.getMethod("getNumDevices"));
            for (int j = 0; j < devices; j++) {
                probe(i, j, kind, found, refused);
            }
        }
        if (!found.isEmpty()) {
            return new Verdict(found, "TornadoVM: " + String.join(", ", found.stream().map(Device::name).toList()));
        }
        return new Verdict(found, refused.isEmpty() ? "TornadoVM has no device"
                : "TornadoVM has no device that computes: " + String.join("; ", refused));
    }

    private static void probe(int backend, int device, String kind, List<Device> found, List<String> refused) {
        try {
            Class<?> test = Class.forName("dev.lorikeet.tornado.SelfTest");
            Method run = test.getDeclaredMethod("run", int.class, int.class);
            String name = (String) call(null, run, backend, device);
            found.add(new Device(backend, device, kind, kind + " " + name));
        } catch (Throwable e) {
            refused.add("device " + backend + ":" + device + " fails its test: " + DeviceException.rootOf(e));
        }
    }

    private static Object call(@Nullable Object receiver, Method method, Object... arguments)
            throws ReflectiveOperationException {
        return Objects.requireNonNull(method.invoke(receiver, arguments), method.getName());
    }
}
