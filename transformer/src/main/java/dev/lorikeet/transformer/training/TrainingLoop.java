package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.Schedule;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.kernel.FlightRecording;
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
    private final Batches batches;
    private final Course course;
    private final Update update;
    private final Gradients gradients;
    private final List<TrainingListener> listeners;
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
        this.update = update;
        this.gradients = gradients;
        this.listeners = List.copyOf(listeners);
        this.validations = new Validations(settings);
        this.batches = new Batches(train, settings, draws);
        this.course = batches.course();
        if (!settings.trains(course.steps())) {
            throw new IllegalArgumentException("training: the rate is 0 in every step (" + course.steps()
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
        gradients.expect(batches.mostTokens());
        update.begin(course.steps());
        if (from != null) {
            restore(from);
        }
        listeners.forEach(listener -> listener.started(course));
        boolean ended = false;
        Schedule schedule = settings.schedule(course.steps());
        while (epochs.size() < course.epochs() && !ended) {
            int first = course.before(epochs.size() + 1);
            while (done.size() < course.before(epochs.size() + 2) && !ended) {
                // here, and not after its step, so that a run goes on the same from a state of before and of after it
                if (validations.isDue(done.size())) {
                    validate(evaluation);
                }
                ended = validations.areExhausted(update.settledAfter()) || step(schedule);
            }
            if (done.size() > first) {
                Epoch finished = summary(done.subList(first, done.size()), validate(evaluation));
                epochs.add(finished);
                listeners.forEach(listener -> listener.epochDone(finished));
            }
        }
        validations.putBest(train.parameters());
        update.end(done.size() < course.steps());
        return result();
    }

    /** Takes a step, and says whether a listener ends the run with it. */
    private boolean step(Schedule schedule) {
        long start = System.nanoTime();
        int updates = done.size();
        List<MicroBatch> parts = batches.of(updates + 1);
        int tokens = 0;
        for (MicroBatch part : parts) {
            tokens += batches.tokens(part.examples());
        }
        double factor = schedule.factor(updates);
        @Nullable
        StepEvent event = FlightRecording.POSSIBLE ? new StepEvent() : null;
        if (event != null) {
            event.begin();
        }
        Update.Report report = update.run(gradients, train, parts, updates + 1, factor);
        Step step = new Step(updates + 1, epochs.size() + 1, course.steps(), report.loss(), report.gradientNorm(),
                factor,
                tokens, (System.nanoTime() - start) * 1e-9);
        done.add(step);
        if (event != null && event.shouldCommit()) {
            event.commit(step);
        }
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
        @Nullable
        EvaluationEvent event = FlightRecording.POSSIBLE ? new EvaluationEvent() : null;
        if (event != null) {
            event.begin();
        }
        Evaluation test = evaluation.get();
        if (!Double.isFinite(test.loss())) {
            throw new DivergedException("training: the loss of the held-out examples after "
                    + (course.endsEpoch(last.step())
                            ? "epoch " + last.epoch()
                            : "step " + last.step())
                    + " is " + test.loss()
                    + "; a lower learning rate may help");
        }
        Validation made = validations.add(last.step(), last.epoch(), test, update.settledAfter(), train.parameters());
        if (event != null && event.shouldCommit()) {
            event.commit(made);
        }
        listeners.forEach(listener -> listener.validated(made));
        return test;
    }

    private Epoch summary(List<Step> own, @Nullable Evaluation test) {
        double loss = own.stream().mapToDouble(Step::loss).average().orElse(Double.NaN);
        return new Epoch(epochs.size() + 1, course.epochs(), loss, test,
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
        if (values.size() != parameters.size() || over > course.epochs() || updates < course.before(over + 1)
                || updates > course.before(Math.min(over, course.epochs() - 1) + 2)) {
            throw new IllegalArgumentException("training: the state is that of " + values.size()
                    + " parameters after " + updates + " updates and " + over + " epochs, this run has "
                    + parameters.size() + ", " + course.steps() + " and " + course.epochs());
        }
        for (int i = 0; i < updates; i++) {
            Step step = state.done().steps().get(i);
            if (step.step() != i + 1 || step.steps() != course.steps() || step.epoch() != course.epoch(i + 1)) {
                throw new IllegalArgumentException("training: the state is of a run of " + step.steps()
                        + " steps, this one has " + course.steps());
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
