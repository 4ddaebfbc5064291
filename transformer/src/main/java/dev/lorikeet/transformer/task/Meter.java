package dev.lorikeet.transformer.task;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.metrics.Evaluation;
import java.util.List;

/** Adds up what a model says about examples, batch by batch. */
public interface Meter {
    /** @param logits of the {@link Task#rows} of {@code examples} */
    void add(Tensor logits, List<Encoded> examples);

    /** All of it, with the mean loss. */
    Evaluation result(double loss);
}
