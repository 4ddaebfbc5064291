package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import java.util.List;

/**
 * A task whose targets are one of several classes each, told by cross-entropy, so that training may weigh them, and
 * smooth them: a share of each target's weight goes to all classes alike (Szegedy et al. 2016, section 7).
 *
 * @param <X> an input
 * @param <Y> a target
 * @param <P> a prediction
 */
public interface SmoothedTask<X, Y, P> extends Task<X, Y, P> {
    /**
     * As {@link Task#loss}, of targets that weigh differently.
     *
     * @param over what the sum is divided by: where it is what all targets of an update weigh, its parts add up to
     *     the mean
     */
    Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over, TargetWeights weights);

    @Override
    default Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over) {
        return loss(tape, logits, examples, over, TargetWeights.PLAIN);
    }
}
