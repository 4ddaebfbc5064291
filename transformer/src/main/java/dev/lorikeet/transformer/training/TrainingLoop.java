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
        if (train.size() == 0) {
            throw new IllegalArgumentException("training: 0 examples to train on");
        }
        this.steps = settings.steps(train.size());
        if (!settings.trains(steps)) {
            throw new IllegalArgumentException("training: the rate is 0 in every step (" + steps
                    + "): a warm-up begins with 0");
        }
    }

    /**
     * Runs to the end, or until a listener ends it.
     *
     * @param from where an interrupted run was, or null to begin
     * @param evaluation asked after each epoch, or null for none
     * @throws DivergedException if a loss is not finite
     */
    public TrainingResult run(@Nullable TrainState from, @Nullable Supplier<Evaluation> evaluation) {
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
        int stepsPerEpoch = steps / settings.epochs();
        boolean ended = false;
        Schedule schedule = settings.schedule(steps);
        while (epochs.size() < settings.epochs() && !ended) {
            int epoch = epochs.size();
            int first = epoch * stepsPerEpoch;
            List<int[]> batches = epochBatches(epoch);
            while (done.size() < first + stepsPerEpoch && !ended) {
                Step step = step(batches, epoch, done.size() - first, schedule);
                done.add(step);
                for (TrainingListener listener : listeners) {
                    listener.stepDone(step);
                    ended |= listener.endsAfter(step, this::state);
                }
            }
            Epoch finished = summary(epoch + 1, done.subList(first, done.size()), evaluation);
            epochs.add(finished);
            listeners.forEach(listener -> listener.epochDone(finished));
        }
        update.end(done.size() < steps);
        return new TrainingResult(done, epochs);
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

    private Step step(List<int[]> batches, int epoch, int ofEpoch, Schedule schedule) {
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
        return new Step(updates + 1, epoch + 1, steps, report.loss(), report.gradientNorm(), factor, tokens,
                (System.nanoTime() - start) * 1e-9);
    }

    private Epoch summary(int epoch, List<Step> own, @Nullable Supplier<Evaluation> evaluation) {
        Evaluation test = evaluation == null ? null : evaluation.get();
        if (test != null && !Double.isFinite(test.loss())) {
            throw new DivergedException("training: the test loss after epoch " + epoch + " is " + test.loss()
                    + "; a lower learning rate may help");
        }
        return new Epoch(epoch, settings.epochs(), own.stream().mapToDouble(Step::loss).average().orElse(Double.NaN),
                test, own.stream().mapToDouble(Step::seconds).sum(), own.stream().mapToLong(Step::tokens).sum());
    }

    /** A copy of where the run is. */
    private TrainState state() {
        return new TrainState(new TrainingResult(done, epochs),
                train.parameters().stream().map(parameter -> parameter.value().copy()).toList(), update.state());
    }

    private void restore(TrainState state) {
        List<Parameter> parameters = train.parameters();
        List<Tensor> values = state.parameters();
        int updates = state.updates();
        int over = state.done().epochs().size();
        int stepsPerEpoch = steps / settings.epochs();
        // of the last step of an epoch, the state is taken before the epoch is evaluated
        if (values.size() != parameters.size() || over == settings.epochs() || updates < over * stepsPerEpoch
                || updates > (over + 1) * stepsPerEpoch) {
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
        update.restore(state.optimizers());
        for (int i = 0; i < values.size(); i++) {
            parameters.get(i).set(values.get(i));
        }
        done.addAll(state.done().steps());
        epochs.addAll(state.done().epochs());
    }
}
