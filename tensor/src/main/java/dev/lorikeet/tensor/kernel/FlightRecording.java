package dev.lorikeet.tensor.kernel;

/** Whether this JVM has Flight Recorder: a runtime that was linked for the class path may lack it. */
public final class FlightRecording {
    /** Where it is not, no class of an event may be asked for. */
    public static final boolean POSSIBLE = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    private FlightRecording() {}
}
