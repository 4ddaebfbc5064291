package dev.lorikeet.tensor.kernel;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/** What compiles the kernels: only HotSpot's C2 is known to make machine vectors of {@link VectorKernels}. */
final class JitCompiler {
    private JitCompiler() {}

    /** Why vectors would be slow on this JVM and what to pass instead, or null where C2 is at work. */
    static @Nullable String obstacle() {
        String vm = System.getProperty("java.vm.name", "");
        if (!vm.contains("HotSpot") && !vm.contains("OpenJDK")) {
            return "vectors are fast on HotSpot's C2 only, this is " + vm;
        }
        String mode = System.getProperty("java.vm.info", "");
        if (mode.contains("interpreted")) {
            return "this JVM compiles nothing (-Xint): leave that option out for speed";
        }
        try {
            return obstacleInOptions();
        } catch (LinkageError e) { // a runtime image without jdk.management: what java.vm.info says is all there is
            return mode.contains("emulated-client")
                    ? "C2 is off: leave -XX:TieredStopAtLevel and its like out for speed"
                    : null;
        }
    }

    private static @Nullable String obstacleInOptions() {
        HotSpotDiagnosticMXBean vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (vm == null) {
            return null;
        }
        String level = option(vm, "TieredStopAtLevel", "4");
        if (Integer.parseInt(level) < 4) {
            return "C2 is off (-XX:TieredStopAtLevel=" + level + "): leave that option out for speed";
        }
        String mode = option(vm, "CompilationMode", "default");
        if (mode.startsWith("quick-only")) {
            return "C2 is off (-XX:CompilationMode=" + mode + "): leave that option out for speed";
        }
        if (option(vm, "UseJVMCICompiler", "false").equals("true")) {
            return "the compiler is JVMCI's, Graal perhaps, not C2: pass -XX:-UseJVMCICompiler for speed";
        }
        return null;
    }

    private static String option(HotSpotDiagnosticMXBean vm, String name, String otherwise) {
        try {
            return vm.getVMOption(name).getValue();
        } catch (IllegalArgumentException e) { // this JVM has no such option
            return otherwise;
        }
    }
}
