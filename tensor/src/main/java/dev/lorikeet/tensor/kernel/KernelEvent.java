package dev.lorikeet.tensor.kernel;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A {@link KernelChoice} for Flight Recorder. */
@Name("dev.lorikeet.Kernels")
@Label("Kernel Choice")
@Category("Lorikeet")
@Description("The code that computes was chosen, once for the JVM")
@StackTrace(false)
final class KernelEvent extends Event {
    @Label("Kernels")
    @Nullable
    String kernels;

    @Label("Reason")
    @Nullable
    String reason;

    void commit(KernelChoice choice) {
        kernels = choice.kernels().name();
        reason = choice.reason();
        commit();
    }
}
