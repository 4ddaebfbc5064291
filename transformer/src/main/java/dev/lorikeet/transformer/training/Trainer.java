package dev.lorikeet.transformer.training;

import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.Attachment;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Trains a {@link TaskModel}: whatever parameters of its backbone are not frozen, and its head. A trainer belongs to
 * one thread.
 *
 * <pre>{@code
 * TrainingResult run = Trainer.of(model).epochs(3).validation(valid).run(train);
 * }</pre>
 *
 * @param <X> an input of the task
 * @param <Y> a target
 */
public final class Trainer<X, Y> {
    private final TaskModel<X, Y, ?> model;
    private final Workspace workspace = new Workspace();
    private final List<TrainingListener> listeners = new ArrayList<>();
    private TrainingSettings settings = TrainingSettings.defaults();
    private @Nullable OptimizerPlan plan;
    private @Nullable Gradients gradients;
    private @Nullable EncodedDataset validation;
    private UnaryOperator<Evaluation> byChoice = UnaryOperator.identity();

    private Trainer(TaskModel<X, Y, ?> model) {
        this.model = model;
    }

    /** A trainer with the default settings, the optimizer that they say, and gradients of this JVM. */
    public static <X, Y> Trainer<X, Y> of(TaskModel<X, Y, ?> model) {
        return new Trainer<>(model);
    }

    public Trainer<X, Y> settings(TrainingSettings value) {
        settings = value;
        return this;
    }

    public Trainer<X, Y> epochs(int value) {
        return settings(settings.withEpochs(value));
    }

    /**
     * The model ends with the parameters that it had when it was evaluated best, by the main metric of its task; the
     * first of equals, and never by NaN. {@link TrainingResult#best} tells when that was. Needs {@link #validation}.
     */
    public Trainer<X, Y> keepBest() {
        return settings(settings.with(TrainingSettings.KEEP_BEST, true));
    }

    /**
     * Ends the run when so many evaluations in a row were no better than the best before; AdaLoRA's count from its last
     * mask on. Needs {@link #validation}.
     */
    public Trainer<X, Y> patience(int evaluations) {
        return settings(settings.with(TrainingSettings.PATIENCE, evaluations));
    }

    /** Evaluates every so many steps of the run, beside after each epoch. Needs {@link #validation}. */
    public Trainer<X, Y> evaluateEvery(int steps) {
        return settings(settings.with(TrainingSettings.EVALUATION_STEPS, steps));
    }

    /** Another rule, or other groups, than {@link OptimizerPlan#of} has by the settings. */
    public Trainer<X, Y> plan(OptimizerPlan value) {
        plan = value;
        return this;
    }

    /** Gradients from elsewhere. */
    public Trainer<X, Y> gradients(Gradients value) {
        gradients = value;
        return this;
    }

    /**
     * Examples to evaluate after each epoch.
     *
     * @throws IllegalArgumentException if they are for another task
     */
    public Trainer<X, Y> validation(Examples<X, Y> value) {
        return validation(EncodedDataset.of(model, value));
    }

    /**
     * Examples to evaluate after each epoch, encoded.
     *
     * @throws IllegalArgumentException if they are for another model
     */
    public Trainer<X, Y> validation(EncodedDataset value) {
        return validation(value, UnaryOperator.identity());
    }

    /**
     * As {@link #validation(EncodedDataset)}, where the model will answer by what these examples choose.
     *
     * @param chosen an evaluation as it is by that, for example {@link Evaluation#atBestThreshold}
     */
    public Trainer<X, Y> validation(EncodedDataset value, UnaryOperator<Evaluation> chosen) {
        requireOwn(value);
        validation = value;
        byChoice = chosen;
        return this;
    }

    public Trainer<X, Y> listener(TrainingListener value) {
        listeners.add(value);
        return this;
    }

    /**
     * Trains on {@code train}.
     *
     * @throws IllegalArgumentException if a data set is empty or for another task, or if no step would change anything,
     *     or a setting needs what is not there
     * @throws IllegalStateException if nothing is trainable
     * @throws DivergedException if the loss is no longer finite
     */
    public TrainingResult run(Examples<X, Y> train) {
        return run(EncodedDataset.of(model, train));
    }

    /** As {@link #run(Examples)}, of examples that are encoded. */
    public TrainingResult run(EncodedDataset train) {
        return run(null, train);
    }

    /**
     * Goes on with a run from where it was: what follows has the same bits as if it had never been interrupted, and the
     * result is that of the whole run. Listeners hear of the rest.
     *
     * @param from by {@link TrainingListener#endsAfter} of a run with the same settings, plan and data
     * @throws IllegalArgumentException as {@link #run}, or if the state is that of another run
     */
    public TrainingResult resume(TrainState from, Examples<X, Y> train) {
        return resume(from, EncodedDataset.of(model, train));
    }

    /** As {@link #resume(TrainState, Examples)}, of examples that are encoded. */
    public TrainingResult resume(TrainState from, EncodedDataset train) {
        return run(from, train);
    }

    /**
     * Tries learning rates on {@code train}, see {@link LearningRateFinder}; the model's values stay as they are.
     *
     * @param steps at most; 100 are enough as a rule
     * @throws IllegalArgumentException as {@link #run}
     * @throws IllegalStateException as {@link #run}
     * @throws DivergedException if the loss is not finite at any rate
     */
    public LearningRateFinder.Result findRate(Examples<X, Y> train, int steps) {
        return findRate(EncodedDataset.of(model, train), steps);
    }

    /** As {@link #findRate(Examples, int)}, of examples that are encoded. */
    public LearningRateFinder.Result findRate(EncodedDataset train, int steps) {
        requireOwn(train);
        if (steps < 1) {
            throw new IllegalArgumentException("learning-rate finder: " + steps + " steps, at least 1 is expected");
        }
        EncodedDataset examples = prepare(train);
        return LearningRateFinder.run(examples, settings, update(), gradients(), steps);
    }

    private TrainingResult run(@Nullable TrainState from, EncodedDataset train) {
        requireOwn(train);
        EncodedDataset held = validation;
        if (held != null && held.size() == 0) {
            throw new IllegalArgumentException("training: 0 examples to test on");
        }
        EncodedDataset examples = prepare(train);
        return new TrainingLoop(examples, settings, Draws.training(settings.seed()), update(), gradients(), listeners)
                .run(from, held == null ? null
                        : () -> byChoice.apply(held.evaluate(settings.batchSize(),
                                workspace)));
    }

    private void requireOwn(EncodedDataset data) {
        if (data.model() != model) {
            throw new IllegalArgumentException("training: the examples are encoded for another model");
        }
    }

    /** Lets gradients reach the head where it is trained. */
    private EncodedDataset prepare(EncodedDataset train) {
        EncodedDataset examples = train.weighted(settings);
        Attachment attachment = model.attachment();
        if (attachment != null && attachment.merged()) {
            throw new IllegalStateException("training: the adapter is merged into the weights; unmerge or detach it");
        }
        if (attachment == null || model.peftRoot() != model) { // else the adapter says whether the head is trained
            model.head().unfreeze();
        }
        if (examples.parameters().isEmpty()) {
            throw new IllegalStateException("training: everything is frozen; unfreeze() the adapter, the backbone or "
                    + "the head");
        }
        model.backbone().gradientCheckpointing(settings.gradientCheckpointing());
        return examples;
    }

    private Update update() {
        OptimizerPlan optimizer = plan == null ? OptimizerPlan.of(settings) : plan;
        return new PlainUpdate(optimizer.rule(), optimizer.groups().apply(model), optimizer.clipNorm(),
                model.compute(), workspace);
    }

    private Gradients gradients() {
        return gradients == null ? new LocalGradients(model.compute(), workspace) : gradients;
    }

    /**
     * The model's answers to {@code data} as it stands now, without dropout.
     *
     * @throws IllegalArgumentException if the data are for another task
     */
    public Evaluation evaluate(Examples<X, Y> data) {
        return EncodedDataset.of(model, data).evaluate(settings.batchSize(), workspace);
    }
}
