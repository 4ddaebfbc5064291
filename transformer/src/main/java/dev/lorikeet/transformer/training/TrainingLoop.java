package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.Schedule;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.metrics.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one loop: epochs of updates of micro-batches. {@link Trainer} has it for task models; whoever has another loss or
 * another {@link Update} uses it as it is. Belongs to one thread, and runs once.
 */
public final class TrainingLoop {
    private final Trainable train;
    private final TrainingSettings settings;
    private final Draws draws;
    private final Update update;
    private final Gradients gradients;
    private final List<TrainingListener> listeners;
    private final int steps;
    private final int stepsPerEpoch;
    private final Validations validations;
    private final List<Step> done = new ArrayList<>();
    private final List<Epoch> epochs = new ArrayList<>();

    /**
     * A run over {@code train}.
     *
     * @param gradients what the update asks
     * @throws IllegalArgumentException if there are no examples, or no step would change anything
     */
    public TrainingLoop(Trainable train, TrainingSettings settings, Draws draws, Update update, Gradients gradients,
            List<TrainingListener> listeners) {
        this.train = train;
        this.settings = settings;
        this.draws = draws;
        this.update = update;
        this.gradients = gradients;
        this.listeners = List.copyOf(listeners);
        this.validations = new Validations(settings);
        if (train.size() == 0) {
            throw new IllegalArgumentException("training: 0 examples to train on");
        }
        this.steps = settings.steps(train.size());
        this.stepsPerEpoch = steps / settings.epochs();
        if (!settings.trains(steps)) {
            throw new IllegalArgumentException("training: the rate is 0 in every step (" + steps
                    + "): a warm-up begins with 0");
        }
    }

    /**
     * Runs to the end, or until a listener ends it, or evaluations become no better.
     *
     * @param from where an interrupted run was, or null to begin
     * @param evaluation asked after each epoch and whenever the settings say, or null for none
     * @throws DivergedException if a loss is not finite
     * @throws IllegalArgumentException if the state is that of another run, or the settings need an evaluation
     */
    public TrainingResult run(@Nullable TrainState from, @Nullable Supplier<Evaluation> evaluation) {
        if (evaluation == null && !settings.equals(settings.withoutEvaluation())) {
            throw new IllegalArgumentException("training: " + TrainingSettings.KEEP_BEST.key() + ", "
                    + TrainingSettings.PATIENCE.key() + " and " + TrainingSettings.EVALUATION_STEPS.key()
                    + " need examples to evaluate");
        }
        for (int epoch = 0; epoch < settings.epochs(); epoch++) {
            gradients.expect(mostTokens(epochBatches(epoch)));
        }
        update.begin(steps);
        if (from != null) {
            restore(from);
        }
        long tokens = 0;
        for (int i = 0; i < train.size(); i++) {
            tokens += train.tokens(i);
        }
        long perEpoch = tokens;
        listeners.forEach(listener -> listener.started(steps, perEpoch));
        boolean ended = false;
        Schedule schedule = settings.schedule(steps);
        while (epochs.size() < settings.epochs() && !ended) {
            int epoch = epochs.size();
            int first = epoch * stepsPerEpoch;
            List<int[]> batches = epochBatches(epoch);
            while (done.size() < first + stepsPerEpoch && !ended) {
                // here, and not after its step, so that a run goes on the same from a state of before and of after it
                if (validations.isDue(done.size())) {
                    validate(evaluation);
                }
                ended = validations.areExhausted(update.settledAfter()) || step(batches, done.size() - first, schedule);
            }
            if (done.size() > first) {
                Epoch finished = summary(done.subList(first, done.size()), validate(evaluation));
                epochs.add(finished);
                listeners.forEach(listener -> listener.epochDone(finished));
            }
        }
        validations.putBest(train.parameters());
        update.end(done.size() < steps);
        return result();
    }

    private List<int[]> epochBatches(int epoch) {
        return draws.epoch(epoch, train.size(), settings.batchSize());
    }

    private int mostTokens(List<int[]> batches) {
        int most = 0;
        for (int[] batch : batches) {
            most = Math.max(most, tokens(batch));
        }
        return most;
    }

    private int tokens(int[] examples) {
        int tokens = 0;
        for (int example : examples) {
            tokens += train.tokens(example);
        }
        return tokens;
    }

    /** Takes a step, and says whether a listener ends the run with it. */
    private boolean step(List<int[]> batches, int ofEpoch, Schedule schedule) {
        long start = System.nanoTime();
        int at = ofEpoch * settings.accumulation();
        int end = Math.min(batches.size(), at + settings.accumulation());
        List<MicroBatch> parts = new ArrayList<>(end - at);
        int tokens = 0;
        int updates = done.size();
        for (int i = at; i < end; i++) {
            parts.add(new MicroBatch(batches.get(i), draws.key(updates * settings.accumulation() + i - at)));
            tokens += tokens(batches.get(i));
        }
        double factor = schedule.factor(updates);
        Update.Report report = update.run(gradients, train, parts, updates + 1, factor);
        Step step = new Step(updates + 1, epochs.size() + 1, steps, report.loss(), report.gradientNorm(), factor,
                tokens, (System.nanoTime() - start) * 1e-9);
        done.add(step);
        boolean ends = false;
        for (TrainingListener listener : listeners) {
            listener.stepDone(step);
            ends |= listener.endsAfter(step, this::state);
        }
        return ends;
    }

    /** What was made of the held-out examples after the last step that is done; null where there are none. */
    private @Nullable Evaluation validate(@Nullable Supplier<Evaluation> evaluation) {
        Step last = done.getLast();
        Validation before = validations.after(last.step());
        if (evaluation == null || before != null) {
            return before == null ? null : before.evaluation();
        }
        Evaluation test = evaluation.get();
        if (!Double.isFinite(test.loss())) {
            throw new DivergedException("training: the test loss after " + (last.step() % stepsPerEpoch == 0
                    ? "epoch " + last.epoch()
                    : "step " + last.step()) + " is " + test.loss()
                    + "; a lower learning rate may help");
        }
        Validation made = validations.add(last.step(), last.epoch(), test, update.settledAfter(), train.parameters());
        listeners.forEach(listener -> listener.validated(made));
        return test;
    }

    private Epoch summary(List<Step> own, @Nullable Evaluation test) {
        double loss = own.stream().mapToDouble(Step::loss).average().orElse(Double.NaN);
        return new Epoch(epochs.size() + 1, settings.epochs(), loss, test,
                own.stream().mapToDouble(Step::seconds).sum(), own.stream().mapToLong(Step::tokens).sum());
    }

    /** A copy of where the run is. */
    private TrainState state() {
        return new TrainState(result(), train.parameters().stream().map(parameter -> parameter.value().copy()).toList(),
                validations.bestParameters(), update.state());
    }

    private TrainingResult result() {
        return new TrainingResult(done, epochs, validations.all());
    }

    private void restore(TrainState state) {
        List<Parameter> parameters = train.parameters();
        List<Tensor> values = state.parameters();
        int updates = state.updates();
        int over = state.done().epochs().size();
        // of the last step of an epoch, a state may be of before the epoch is evaluated, or of after it
        if (values.size() != parameters.size() || over > settings.epochs() || updates < over * stepsPerEpoch
                || updates > Math.min(steps, (over + 1) * stepsPerEpoch)) {
            throw new IllegalArgumentException("training: the state is that of " + values.size()
                    + " parameters after " + updates + " updates and " + over + " epochs, this run has "
                    + parameters.size() + ", " + steps + " and " + settings.epochs());
        }
        for (int i = 0; i < updates; i++) {
            Step step = state.done().steps().get(i);
            if (step.step() != i + 1 || step.steps() != steps || step.epoch() != 1 + i / stepsPerEpoch) {
                throw new IllegalArgumentException("training: the state is of a run of " + step.steps()
                        + " steps, this one has " + steps);
            }
        }
        for (int i = 0; i < values.size(); i++) {
            if (!values.get(i).shape().equals(parameters.get(i).shape())) {
                throw new IllegalArgumentException("training: the state has " + values.get(i).shape()
                        + " for a parameter " + parameters.get(i).shape());
            }
        }
        validations.requireFits(state, parameters);
        update.restore(state.optimizers());
        validations.restore(state);
        for (int i = 0; i < values.size(); i++) {
            parameters.get(i).set(values.get(i));
        }
        done.addAll(state.done().steps());
        epochs.addAll(state.done().epochs());
    }
}
