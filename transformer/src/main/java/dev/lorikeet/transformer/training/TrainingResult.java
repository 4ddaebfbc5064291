package dev.lorikeet.transformer.training;

import java.util.List;

/** Every step and every epoch of a run. */
public record TrainingResult(List<Step> steps, List<Epoch> epochs) {
    public TrainingResult {
        steps = List.copyOf(steps);
        epochs = List.copyOf(epochs);
    }

    /** The test accuracy after the last epoch, in [0, 1]. */
    public double accuracy() {
        return epochs.getLast().test().accuracy();
    }
}
