package dev.lorikeet.tensor.kernel;

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
        String option = obstacleInOptions();
        return option == null && mode.contains("emulated-client") // all there is to see where options cannot be read
                ? "C2 is off: leave -XX:TieredStopAtLevel and its like out for speed"
                : option;
    }

    private static @Nullable String obstacleInOptions() {
        String level = JvmOptions.value("TieredStopAtLevel", "4");
        if (Integer.parseInt(level) < 4) {
            return "C2 is off (-XX:TieredStopAtLevel=" + level + "): leave that option out for speed";
        }
        String mode = JvmOptions.value("CompilationMode", "default");
        if (mode.startsWith("quick-only")) {
            return "C2 is off (-XX:CompilationMode=" + mode + "): leave that option out for speed";
        }
        if (JvmOptions.value("UseJVMCICompiler", "false").equals("true")) {
            return "the compiler is JVMCI's, Graal perhaps, not C2: pass -XX:-UseJVMCICompiler for speed";
        }
        return null;
    }
}
