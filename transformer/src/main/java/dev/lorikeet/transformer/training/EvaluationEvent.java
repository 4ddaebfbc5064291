package dev.lorikeet.transformer.training;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A {@link Validation} for Flight Recorder, which measures how long it took. */
@Name("dev.lorikeet.Evaluation")
@Label("Evaluation")
@Category("Lorikeet")
@Description("What the model made of the held-out examples")
@StackTrace(false)
final class EvaluationEvent extends Event {
    @Label("Step")
    @Description("After which")
    int step;

    @Label("Loss")
    double loss;

    @Label("Metric")
    @Description("By which models are compared")
    @Nullable
    String metric;

    @Label("Value")
    @Description("Of the metric")
    double value;

    @Label("Best")
    @Description("Whether it is the best so far")
    boolean best;

    void commit(Validation made) {
        step = made.step();
        loss = made.evaluation().loss();
        metric = made.evaluation().mainMetric();
        value = made.evaluation().main();
        best = made.best();
        commit();
    }
}
