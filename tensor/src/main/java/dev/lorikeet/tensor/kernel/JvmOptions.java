package dev.lorikeet.tensor.kernel;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/** The options of this JVM, as they were given or as it has set them. */
final class JvmOptions {
    private JvmOptions() {}

    /** The value of an option, or {@code otherwise} where this JVM has no such option or cannot tell. */
    static String value(String name, String otherwise) {
        try {
            return valueOfBean(name, otherwise);
        } catch (LinkageError e) { // a runtime image without jdk.management
            return otherwise;
        }
    }

    private static String valueOfBean(String name, String otherwise) {
        @Nullable
        HotSpotDiagnosticMXBean vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (vm == null) {
            return otherwise;
        }
        try {
            return vm.getVMOption(name).getValue();
        } catch (IllegalArgumentException e) { // this JVM has no such option
            return otherwise;
        }
    }
}
