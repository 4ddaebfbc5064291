package dev.lorikeet.cli.run;

import dev.lorikeet.cli.mlflow.MlflowRun.Status;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.cli.report.WrittenAnswers.Written;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingResult;
import java.util.Map;

/** What hears of a run elsewhere while it is under way; it takes no time from the run but at its end. */
interface Tracker extends TrainingListener {
    /** Nobody. */
    Tracker NONE = new Tracker() {};

    default void baseline(Run.Baseline baseline) {}

    /** This was done before the run was interrupted that goes on now. */
    default void past(TrainingResult done) {}

    /** A language model has answered test examples. */
    default void answered(String when, Written written) {}

    /** The end of a run whose model was chosen. */
    default void tested(Evaluation evaluation) {}

    /** What a checkpoint says of a run, and where it is tracked. */
    default Map<String, Object> with(Map<String, Object> about) {
        return about;
    }

    /** The run has ended; only the first word on how counts. */
    default void end(Status status) {}
}
