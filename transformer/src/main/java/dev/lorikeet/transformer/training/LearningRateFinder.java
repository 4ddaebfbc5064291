package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.OptimizerState;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Tries learning rates (Smith 2017, section 3.3): steps as those of a run, each at a higher rate than the one before,
 * until the loss is far worse than it was. Where it was least, the rate was too high already, and a tenth of it is a
 * good peak rate, as fastai's {@code lr_find} suggests. Everything is tried at multiples of the settings' rates, so
 * that the adapter's and the head's keep their ratio; afterwards the model is as it was, bit for bit.
 */
public final class LearningRateFinder {
    private static final double LEAST = 1e-4;
    private static final double MOST = 1e4;
    /** The share of the past in the smoothed loss. */
    private static final double BETA = 0.9;
    /** By how much the smoothed loss may exceed the least one, as in fastai. */
    private static final double WORSE = 4;
    private static final double BELOW_LEAST = 0.1;

    /**
     * One step.
     *
     * @param factor on the rates of the settings
     * @param loss of its examples, before the update
     * @param smoothedLoss the mean of this and the losses before, the older the less
     */
    public record Trial(double factor, double loss, double smoothedLoss) {}

    /**
     * What was tried.
     *
     * @param trials by rising factors, at least one
     */
    public record Result(List<Trial> trials) {
        public Result {
            trials = List.copyOf(trials);
        }

        /** A tenth of the factor at which the smoothed loss was least. */
        public double factor() {
            return BELOW_LEAST * least().factor();
        }

        private Trial least() {
            return trials.stream().min(Comparator.comparingDouble(Trial::smoothedLoss)).orElseThrow();
        }

        /** The settings with both rates at {@link #factor} times what they were. */
        public TrainingSettings applied(TrainingSettings settings) {
            return settings.withRates(factor() * settings.adapterRate(), factor() * settings.headRate());
        }
    }

    private LearningRateFinder() {}

    /**
     * Tries them.
     *
     * @param settings of the run for which the rates are
     * @param update that has done nothing yet, and will do nothing afterwards
     * @param steps at most
     * @throws DivergedException if the first loss is not finite
     */
    static Result run(Trainable train, TrainingSettings settings, Update update, Gradients gradients, int steps) {
        List<Parameter> parameters = train.parameters();
        List<Tensor> before = parameters.stream().map(parameter -> parameter.value().copy()).toList();
        Map<String, OptimizerState> state = update.state();
        try {
            update.begin(Course.of(train, settings).steps());
            return new Result(trials(train, settings, update, gradients, steps));
        } finally {
            update.end(true);
            update.restore(state);
            for (int i = 0; i < before.size(); i++) {
                parameters.get(i).clearGradient();
                parameters.get(i).set(before.get(i));
            }
        }
    }

    private static List<Trial> trials(Trainable train, TrainingSettings settings, Update update, Gradients gradients,
            int steps) {
        Batches batches = new Batches(train, settings.with(TrainingSettings.MAX_STEPS, steps),
                Draws.of(settings.seed(), "learning-rate finder"));
        List<Trial> trials = new ArrayList<>();
        double sum = 0;
        double weight = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int step = 0; step < steps; step++) {
            double factor = LEAST * StrictMath.pow(MOST / LEAST, (double) step / Math.max(1, steps - 1));
            double loss;
            try {
                loss = update.run(gradients, train, batches.of(step + 1), step + 1, factor).loss();
            } catch (DivergedException e) {
                if (trials.isEmpty()) {
                    throw e;
                }
                break; // which is what too high a rate comes to
            }
            sum = BETA * sum + (1 - BETA) * loss;
            weight = BETA * weight + (1 - BETA);
            trials.add(new Trial(factor, loss, sum / weight));
            least = Math.min(least, sum / weight);
            if (sum / weight > WORSE * least) {
                break;
            }
        }
        return trials;
    }
}
