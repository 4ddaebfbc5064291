package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.nn.Parameter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the sums of an update's gradients come from: this JVM, or many. Each micro-batch's sum is whole, and the sums
 * are added in the order of the micro-batches, so that one batch cut in parts, accumulation and workers agree to the
 * bit. May be asked several times in one update.
 */
public interface Gradients extends AutoCloseable {
    /**
     * What an update saw.
     *
     * @param loss the mean over all counted targets; not finite where the gradients are not there
     * @param fault where a loss that is not finite came from; empty if it is finite
     */
    record Sums(double loss, String fault) {}

    /**
     * Afterwards the gradient of each parameter is that of the mean loss over all counted targets of the update.
     *
     * @throws IllegalArgumentException if no target counts
     * @param wanted the parameters that get a gradient, all others none; null for all that are trained
     */
    Sums of(Trainable from, List<MicroBatch> update, @Nullable List<Parameter> wanted);

    /** Says that no micro-batch will have more tokens, so that buffers are made for that at once. */
    default void expect(int tokens) {}

    @Override
    default void close() {}
}
