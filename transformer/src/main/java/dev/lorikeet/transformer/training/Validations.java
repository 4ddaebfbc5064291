package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.metrics.Evaluation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The validations of a run so far: what is due, which was the best, and whether more steps are worth while. */
final class Validations {
    private final TrainingSettings settings;
    private final List<Validation> all = new ArrayList<>();
    /** The parameters at the best; empty before one, and where they are not kept. Never written to. */
    private List<Tensor> bestParameters = List.of();

    Validations(TrainingSettings settings) {
        this.settings = settings;
    }

    List<Validation> all() {
        return all;
    }

    List<Tensor> bestParameters() {
        return bestParameters;
    }

    /** What was asked after {@code step}, or null. */
    @Nullable
    Validation after(int step) {
        return all.isEmpty() || all.getLast().step() != step ? null : all.getLast();
    }

    /** Whether one is to be made now that {@code step} steps are done, wherever in its epoch that is. */
    boolean isDue(int step) {
        int every = settings.evaluationSteps();
        return every > 0 && step > 0 && step % every == 0 && after(step) == null;
    }

    /** @param settledAfter the steps after which models can be compared */
    Validation add(int step, int epoch, Evaluation evaluation, int settledAfter, List<Parameter> parameters) {
        boolean best = step >= settledAfter && evaluation.isBetterThan(best());
        if (best && settings.keepBest()) {
            bestParameters = parameters.stream().map(parameter -> parameter.value().copy()).toList();
        }
        Validation made = new Validation(step, epoch, evaluation, best);
        all.add(made);
        return made;
    }

    private @Nullable Evaluation best() {
        Validation best = TrainingResult.best(all);
        return best == null ? null : best.evaluation();
    }

    /** Whether so many in a row as there is patience for were no better than the best. */
    boolean areExhausted(int settledAfter) {
        int patience = settings.patience();
        return patience > 0 && all.reversed().stream().limit(patience)
                .takeWhile(validation -> !validation.best() && validation.step() >= settledAfter).count() == patience;
    }

    /** Gives the parameters the values that they had at the best; where none is kept, they stay. */
    void putBest(List<Parameter> parameters) {
        for (int i = 0; i < bestParameters.size(); i++) {
            parameters.get(i).set(bestParameters.get(i));
        }
    }

    /** @throws IllegalArgumentException if the state has not the parameters of the best that this would have */
    void requireFits(TrainState state, List<Parameter> parameters) {
        List<Tensor> values = state.bestParameters();
        int expected = settings.keepBest() && state.done().best() != null ? parameters.size() : 0;
        if (values.size() != expected) {
            throw new IllegalArgumentException("training: the state has " + values.size()
                    + " parameters of the best validation, this run would have " + expected);
        }
        for (int i = 0; i < expected; i++) {
            if (!values.get(i).shape().equals(parameters.get(i).shape())) {
                throw new IllegalArgumentException("training: the state has " + values.get(i).shape()
                        + " at the best validation for a parameter " + parameters.get(i).shape());
            }
        }
    }

    void restore(TrainState state) {
        all.addAll(state.done().validations());
        bestParameters = state.bestParameters();
    }
}
