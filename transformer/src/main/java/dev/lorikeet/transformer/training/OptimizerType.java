package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.optim.Rule;
import java.util.Locale;

/** How a run's parameters are updated, with the coefficients that PyTorch, the paper or transformers' trainer has. */
public enum OptimizerType {
    /** {@link Rule.AdamW}. */
    ADAMW,
    /** {@link Rule.Adam}. */
    ADAM,
    /** {@link Rule.Sgd}, with {@link TrainingSettings#MOMENTUM}. */
    SGD,
    /** {@link Rule.Lion}, which wants a third to a tenth of AdamW's rate (Chen et al. 2023, section 5). */
    LION,
    /** {@link Rule.Adafactor} at given rates, as transformers' trainer has it: no relative step, nothing scaled. */
    ADAFACTOR;

    /** The name in a recipe, for example {@code adamw}. */
    public String fileName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The rule. */
    public Rule rule(double momentum) {
        return switch (this) {
            case ADAMW -> Rule.adamW();
            case ADAM -> Rule.adam();
            case SGD -> new Rule.Sgd(momentum, false);
            case LION -> Rule.lion();
            case ADAFACTOR -> new Rule.Adafactor(1e-30, 1e-3, 1, -0.8, 0, false, false, false);
        };
    }
}
