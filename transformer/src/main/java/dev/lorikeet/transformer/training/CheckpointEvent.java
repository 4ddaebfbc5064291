package dev.lorikeet.transformer.training;

import java.nio.file.Path;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A {@link TrainState} that was written, for Flight Recorder, which measures how long that took. */
@Name("dev.lorikeet.Checkpoint")
@Label("Checkpoint")
@Category("Lorikeet")
@Description("A run's state was written to a file")
@StackTrace(false)
final class CheckpointEvent extends Event {
    @Label("Step")
    @Description("After which")
    int step;

    @Label("File")
    @Nullable
    String file;

    @Label("Size")
    @DataAmount
    long size;

    void commit(TrainState state, Path written) {
        step = state.updates();
        file = written.toString();
        size = written.toFile().length();
        commit();
    }
}
