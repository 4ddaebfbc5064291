package dev.lorikeet.transformer.training;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A {@link Step} for Flight Recorder, which measures how long it took. */
@Name("dev.lorikeet.Step")
@Label("Training Step")
@Category("Lorikeet")
@Description("An update of the weights")
@StackTrace(false)
final class StepEvent extends Event {
    @Label("Step")
    int step;

    @Label("Epoch")
    int epoch;

    @Label("Loss")
    @Description("The mean loss of its examples before the update, in nats")
    double loss;

    @Label("Gradient Norm")
    @Description("Of all gradients together before they were clipped; NaN where they are not")
    double gradientNorm;

    @Label("Rate")
    @Description("The schedule's factor on the learning rates")
    double rate;

    @Label("Tokens")
    int tokens;

    void commit(Step done) {
        step = done.step();
        epoch = done.epoch();
        loss = done.loss();
        gradientNorm = done.gradientNorm();
        rate = done.rate();
        tokens = done.tokens();
        commit();
    }
}
