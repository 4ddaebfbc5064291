package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import java.util.List;

/**
 * A task whose targets are one of several classes each, told by cross-entropy, so that training may smooth them: a
 * share of each target's weight goes to all classes alike (Szegedy et al. 2016, section 7).
 *
 * @param <X> an input
 * @param <Y> a target
 * @param <P> a prediction
 */
public interface SmoothedTask<X, Y, P> extends Task<X, Y, P> {
    /**
     * As {@link Task#loss}, of smoothed targets.
     *
     * @param labelSmoothing the share, in [0, 1]: PyTorch's {@code label_smoothing}
     */
    Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over, float labelSmoothing);

    @Override
    default Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over) {
        return loss(tape, logits, examples, over, 0f);
    }
}
