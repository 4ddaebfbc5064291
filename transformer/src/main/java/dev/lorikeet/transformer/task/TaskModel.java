package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.Rows;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Attachment;
import dev.lorikeet.transformer.model.Backbone;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.EncoderDecoder;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model with the head of a task: the backbone under Hugging Face's path, and the head's layers under theirs. Adapters
 * attach to its {@link #peftRoot}, a trainer trains it. While nothing trains it or attaches to it, any number of
 * threads may ask {@link #predict}.
 *
 * @param <X> an input of the task
 * @param <Y> a target
 * @param <P> a prediction
 */
public final class TaskModel<X, Y, P> extends Module {
    /** Examples that {@link #predict} computes together: more keep no processor busier. */
    private static final int BATCH = 32;

    private final Model model;
    private final Task<X, Y, P> task;
    private final Head head;
    private final ThreadLocal<Workspace> workspaces = ThreadLocal.withInitial(Workspace::new);
    private @Nullable Attachment attachment;

    TaskModel(Model model, Task<X, Y, P> task, Head head) {
        this.model = model;
        this.task = task;
        this.head = head;
        child(model.architecture().prefix(head), model.backbone());
        children(head);
    }

    /**
     * {@code model} with the head of {@code task}: that of its files where it fits, else a new one.
     *
     * @param seed of a new head
     * @throws dev.lorikeet.transformer.io.InputException if the model cannot have such a head
     */
    public static <X, Y, P> TaskModel<X, Y, P> of(Model model, Task<X, Y, P> task, long seed) {
        if (model.backbone() instanceof EncoderDecoder both && !task.isForEncoderDecoder()) {
            throw new InputException("model: " + both.architecture().modelType()
                    + " is an encoder and a decoder, which are for the task " + SequenceToSequence.KIND + ", not for "
                    + task.kind());
        }
        return new TaskModel<>(model, task, task.head(model, seed));
    }

    /** {@code model} with the head in its files, and the task that this is for. */
    public static TaskModel<?, ?, ?> of(Model model) {
        Head head = model.head();
        return new TaskModel<>(model, Tasks.of(head), head);
    }

    /** As {@link #load(Path, LoadOptions)}, in float32 on the processor. */
    public static TaskModel<?, ?, ?> load(Path directory) {
        return load(directory, LoadOptions.STANDARD);
    }

    /**
     * What {@link #save} wrote, or a Hugging Face directory with a head: nothing of it trainable, any number of threads
     * may ask it.
     *
     * @throws dev.lorikeet.transformer.io.InputException if a file is missing or wrong, or an adapter's base model is
     *     not there or has other weights than it had in training
     */
    public static TaskModel<?, ?, ?> load(Path directory, LoadOptions options) {
        return load(directory, null, options);
    }

    /**
     * As {@link #load(Path, LoadOptions)}, where the base of an adapter is elsewhere now.
     *
     * @param base as {@link Model#load(String)} takes it
     */
    public static TaskModel<?, ?, ?> load(Path directory, @Nullable String base, LoadOptions options) {
        return load(directory, base, options, TaskFiles.standard());
    }

    /** As {@link #load(Path, String, LoadOptions)}, of files with a task or attachments of an application's own. */
    public static TaskModel<?, ?, ?> load(Path directory, @Nullable String base, LoadOptions options,
            TaskFiles files) {
        return SavedTask.load(directory, base, options, files);
    }

    /**
     * This as a model of the classes of texts: what {@link #load} gives does not say its types.
     *
     * @throws dev.lorikeet.transformer.io.InputException if it is for another task
     */
    public TaskModel<String, Integer, List<Prediction>> asClassifier() {
        return asClassifier(Reading.TEXT);
    }

    /**
     * This as a model of the classes of texts or pairs.
     *
     * @throws dev.lorikeet.transformer.io.InputException if it is for another task
     */
    public <I> TaskModel<I, Integer, List<Prediction>> asClassifier(Reading<I> reading) {
        return SavedTask.classifier(this, reading);
    }

    /**
     * This as a model of the numbers of texts or pairs.
     *
     * @throws dev.lorikeet.transformer.io.InputException if it is for another task
     */
    public <I> TaskModel<I, float[], float[]> asRegression(Reading<I> reading) {
        return SavedTask.regression(this, reading);
    }

    /**
     * This as a model of the tags of words.
     *
     * @throws dev.lorikeet.transformer.io.InputException if it is for another task
     */
    public TaskModel<List<String>, List<String>, List<String>> asTokenClassifier() {
        return SavedTask.tokenClassifier(this);
    }

    /**
     * This model by a task that answers otherwise from the same logits: with other thresholds.
     *
     * @throws IllegalArgumentException if the task is of another kind
     */
    public TaskModel<X, Y, P> with(Task<X, Y, P> other) {
        if (!other.kind().equals(task.kind())) {
            throw new IllegalArgumentException("task: the model is for " + task.kind() + ", not " + other.kind());
        }
        TaskModel<X, Y, P> same = new TaskModel<>(model, other, head);
        same.attachment = attachment;
        return same;
    }

    public Model model() {
        return model;
    }

    public Backbone backbone() {
        return model.backbone();
    }

    public Head head() {
        return head;
    }

    public Task<X, Y, P> task() {
        return task;
    }

    public Compute compute() {
        return model.compute();
    }

    /**
     * The model as Hugging Face PEFT sees it: this with a head of Hugging Face's; else the backbone, since no class of
     * Hugging Face has the head.
     */
    public Module peftRoot() {
        return head.className() == null ? backbone() : this;
    }

    /** The paths of layers that the logits do without, so that no gradient reaches them. */
    public List<String> unreached() {
        return head.readsPooler() ? List.of()
                : backbone().besideHiddenStates().stream()
                        .map(path -> model.architecture().prefix(head) + "." + path).toList();
    }

    /** What is in the layers, or null. */
    public @Nullable Attachment attachment() {
        Attachment own = peftRoot() == this ? attachment : backbone().attachment();
        return own != null && own.attached() ? own : null;
    }

    /** Notes what was put into the layers of {@link #peftRoot}: {@link #save} asks it. */
    public void attachment(Attachment next) {
        if (peftRoot() == this) {
            attachment = next;
        } else {
            backbone().attachment(next);
        }
    }

    /** An example as this model reads it. */
    public Encoded encode(X input, @Nullable Y target) {
        return task.encode(input, target, model);
    }

    /** What the head's last layer reads, see {@link Head#features}. */
    public Variable features(Pass pass, Batch batch) {
        return head.features(pass, backbone().forward(pass, batch), batch);
    }

    /** The logits, see {@link Head#logits}. */
    public Variable logits(Pass pass, Batch batch) {
        return head.scores(pass, features(pass, batch));
    }

    /** As {@link #logits(Pass, Batch)}, of whole texts. */
    public Variable logits(Tape tape, Batch batch) {
        return logits(batch.pass(tape), batch);
    }

    /** The sequences of these examples; where there is an encoder, what that reads beside what its decoder does. */
    Batch batch(List<Encoded> examples) {
        Batch batch = Encoded.batch(examples);
        return backbone() instanceof EncoderDecoder ? batch.inPairs() : batch;
    }

    /** The logits of the rows of {@code examples} that the task's loss and predictions need, see {@link Task#rows}. */
    public Variable logits(Tape tape, List<Encoded> examples) {
        Batch batch = batch(examples);
        Pass pass = batch.pass(tape);
        Variable features = features(pass, batch);
        int[] rows = task.rows(examples);
        return rows == null ? head.scores(pass, features)
                : head.scores(new Pass(tape, Rows.tokens(0, rows.length)), ShapeOps.gather(tape, features, rows));
    }

    /** The mean loss of {@code examples}, whose targets are drawn, over all of those that count. */
    public Variable loss(Tape tape, List<Encoded> examples) {
        return loss(tape, examples, examples.stream().mapToDouble(task::count).sum(), TargetWeights.PLAIN);
    }

    /**
     * The sum of the losses of {@code examples}, whose targets are drawn, divided by {@code over}; of a large
     * vocabulary never all logits are there at once.
     *
     * @param weights of the targets; {@link TargetWeights#PLAIN} where the task is no {@link SmoothedTask}
     */
    public Variable loss(Tape tape, List<Encoded> examples, double over, TargetWeights weights) {
        if (task instanceof LanguageTask<?, ?> language) {
            return new LogitBlocks(this, language, tape, examples, LogitBlocks.MOST).loss(over, weights);
        }
        Variable logits = logits(tape, examples);
        return task instanceof SmoothedTask<X, Y, P> smoothed ? smoothed.loss(tape, logits, examples, over, weights)
                : task.loss(tape, logits, examples, over);
    }

    /**
     * Adds what the model says of {@code examples} to {@code meter}.
     *
     * @param tape for inference
     * @param count how many targets of the examples count
     * @return the sum of their losses
     */
    public double evaluate(Tape tape, List<Encoded> examples, double count, Meter meter) {
        double[] sum = new double[1];
        if (count > 0 && task instanceof LanguageTask<?, ?> language && meter instanceof LanguageTask.Count told) {
            new LogitBlocks(this, language, tape, examples, LogitBlocks.MOST).forEach((logits, targets) -> {
                told.add(logits, targets);
                sum[0] += count * CrossEntropy.forward(compute(), logits, targets, 0f, count,
                        Tensor.zeros(targets.length, 2));
            });
            return sum[0];
        }
        Variable logits = logits(tape, examples);
        meter.add(logits.value(), examples);
        return count == 0 ? 0 : count * task.loss(tape, logits, examples, count).item();
    }

    /** An answer for each input. */
    public List<P> predict(List<X> inputs) {
        List<P> answers = new ArrayList<>(inputs.size());
        for (int from = 0; from < inputs.size(); from += BATCH) {
            List<Encoded> examples = inputs.subList(from, Math.min(inputs.size(), from + BATCH)).stream()
                    .map(input -> encode(Objects.requireNonNull(input, "predict: an input is null"), null)).toList();
            try (Tape tape = Tape.inference(compute(), workspaces.get())) {
                answers.addAll(task.predictions(model, logits(tape, examples).value(), examples));
            }
        }
        return answers;
    }

    /** The answer to one input. */
    public P predict(X input) {
        return predict(List.of(input)).getFirst();
    }

    /**
     * Writes a run into {@code directory}: {@code adapter/} beside its base, or {@code model/}, the whole model, where
     * nothing is attached; {@code task.json}, and what else the head needs. The same model gives the same bytes.
     *
     * @throws dev.lorikeet.transformer.io.InputException if a weight is not finite, a file cannot be written, or the
     *     directory holds a model of the other form
     * @throws IllegalStateException if something was trained that would be in none of the files
     */
    public void save(Path directory) {
        save(directory, TaskFiles.standard());
    }

    /** As {@link #save(Path)}, of a task or attachments of an application's own. */
    public void save(Path directory, TaskFiles files) {
        SavedTask.save(this, directory, files);
    }

    /**
     * Writes the model as one Hugging Face directory, adapters merged into its weights: with a head of Hugging Face's,
     * transformers opens it as it is; else the head lies beside the backbone.
     *
     * @throws dev.lorikeet.transformer.io.InputException if a weight is not finite, or a file cannot be written
     * @throws IllegalStateException if a layer has an adapter that is not merged
     */
    public void saveMerged(Path directory) {
        SavedTask.saveMerged(this, directory);
    }
}
