package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.StreamedExamples;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.settings.Setting;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.Meter;
import dev.lorikeet.transformer.task.SequenceClassification;
import dev.lorikeet.transformer.task.SmoothedTask;
import dev.lorikeet.transformer.task.TargetWeights;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * A data set as a task model reads it.
 *
 * @param examples in the order of the data
 * @param weights of the targets in {@link #loss}; what is evaluated has none
 */
public record EncodedDataset(TaskModel<?, ?, ?> model, EncodedExamples examples, TargetWeights weights)
        implements
            Trainable {
    /** Of the random numbers of targets, in a tape's key: operations draw theirs by small numbers. */
    private static final long TARGETS = Random.key(0, "targets");
    /** The same in each evaluation, so that evaluations can be compared. */
    private static final long EVALUATION = Random.key(0, "evaluation");

    /** Of targets that weigh alike. */
    public EncodedDataset(TaskModel<?, ?, ?> model, List<Encoded> examples) {
        this(model, EncodedExamples.of(examples), TargetWeights.PLAIN);
    }

    /**
     * Encodes {@code data}. Those that are {@linkplain StreamedExamples not kept} are encoded once into a file of the
     * {@linkplain dev.lorikeet.transformer.weights.CacheDirectory cache directory}, which later calls find there.
     *
     * @throws InputException if the data are wrong, or that file cannot be written
     * @throws IllegalArgumentException if the data are for another task
     */
    public static <X, Y> EncodedDataset of(TaskModel<X, Y, ?> model, Examples<X, Y> data) {
        model.task().requireFits(data);
        if (data instanceof StreamedExamples<X, Y> streamed) {
            return new EncodedDataset(model, EncodedCache.of(model, streamed), TargetWeights.PLAIN);
        }
        List<Encoded> examples = new ArrayList<>(data.size());
        ExampleEncoder.encode(model, data, examples::add);
        return new EncodedDataset(model, examples);
    }

    /** The folder of the files in which examples are that are not kept in memory. */
    public static Path cache() {
        return EncodedCache.folder();
    }

    /**
     * This, with the weights of a training loss: label smoothing, and weights of the classes by how many of these
     * examples each has.
     *
     * @throws InputException if settings are for classes that the task has not
     */
    public EncodedDataset weighted(TrainingSettings settings) {
        if (settings.labelSmoothing() != 0 && !(model.task() instanceof SmoothedTask)) {
            throw refusal(TrainingSettings.LABEL_SMOOTHING);
        }
        if (settings.classWeights() != ClassWeights.NONE && !(model.task() instanceof SequenceClassification)) {
            throw refusal(TrainingSettings.CLASS_WEIGHTS);
        }
        if (settings.sampling() != Sampling.NATURAL && !(model.task() instanceof SequenceClassification)) {
            throw refusal(TrainingSettings.SAMPLING);
        }
        return new EncodedDataset(model, examples, new TargetWeights((float) settings.labelSmoothing(),
                settings.classWeights() == ClassWeights.NONE ? List.of() : TargetWeights.balanced(classCounts())));
    }

    private InputException refusal(Setting<?> setting) {
        return new InputException(setting.name() + ": is for one class of several, the task is "
                + model.task().kind());
    }

    private int[] classCounts() {
        int[] counts = new int[((SequenceClassification<?>) model.task()).labels().size()];
        for (int i = 0; i < size(); i++) {
            counts[classOf(i)]++;
        }
        return counts;
    }

    @Override
    public int size() {
        return examples.size();
    }

    @Override
    public int tokens(int example) {
        return examples.tokens(example);
    }

    @Override
    public int count(int example) {
        return model.task().count(examples.get(example));
    }

    @Override
    public double weight(int example) {
        return weights.classes().isEmpty() ? count(example) : weights.of(classOf(example));
    }

    @Override
    public int classOf(int example) {
        return model.task() instanceof SequenceClassification ? examples.get(example).classes()[0]
                : Trainable.super.classOf(example);
    }

    /** How many of the examples are longer than the model can read, and were cut. */
    public int truncated() {
        return examples.truncated();
    }

    /** A SHA-256 of what the model reads of the examples and is to say, in their order. */
    public String digest() {
        return examples.digest();
    }

    @Override
    public List<Parameter> parameters() {
        return model.namedParameters().values().stream().filter(Parameter::requiresGradient).toList();
    }

    /** The examples {@code which} as a data set of their own. */
    public EncodedDataset select(int[] which) {
        return new EncodedDataset(model, examples.select(which), weights);
    }

    /** The examples {@code which} as they are this time: their targets may be drawn, by the key of each. */
    private List<Encoded> drawn(int[] which, IntToLongFunction key) {
        List<Encoded> some = new ArrayList<>(which.length);
        for (int i = 0; i < which.length; i++) {
            some.add(model.task().drawn(examples.get(which[i]), model.model(), key.applyAsLong(i)));
        }
        return some;
    }

    /** The examples {@code which} as evaluations see them. */
    List<Encoded> evaluated(int... which) {
        return drawn(which, i -> Random.key(EVALUATION, which[i]));
    }

    /** The examples {@code which}. */
    public List<Encoded> examples(int[] which) {
        List<Encoded> some = new ArrayList<>(which.length);
        for (int i : which) {
            some.add(examples.get(i));
        }
        return some;
    }

    @Override
    public Variable loss(Tape tape, int[] which, double over) {
        List<Encoded> own = drawn(which, i -> Random.key(tape.key(), TARGETS, i));
        return model.loss(tape, own, over, weights);
    }

    /**
     * The model's answers as it stands now, without dropout.
     *
     * @throws IllegalArgumentException if no target counts
     */
    public Evaluation evaluate(int batchSize, Workspace workspace) {
        Meter meter = model.task().meter();
        double[] sums = new double[2];
        forEachBatch(batchSize, workspace, (tape, own) -> {
            double count = own.stream().mapToDouble(model.task()::count).sum();
            sums[0] += model.evaluate(tape, own, count, meter);
            sums[1] += count;
        });
        if (sums[1] == 0) {
            throw new IllegalArgumentException("evaluation: no target counts, so that there is no loss");
        }
        return meter.result(sums[0] / sums[1]);
    }

    /** Hands each batch of the examples, as they stand, to {@code action} with a tape for inference. */
    void forEachBatch(int batchSize, Workspace workspace, BiConsumer<Tape, List<Encoded>> action) {
        int most = 0;
        for (int from = 0; from < size(); from += batchSize) {
            most = Math.max(most, rows(from, batchSize));
        }
        for (int from = 0; from < size(); from += batchSize) {
            workspace.expect(rows(from, batchSize), most);
            try (Tape tape = Tape.inference(model.compute(), workspace)) {
                int[] which = IntStream.range(from, Math.min(size(), from + batchSize)).toArray();
                action.accept(tape, evaluated(which));
            }
        }
    }

    private int rows(int from, int count) {
        int rows = 0;
        for (int i = from; i < Math.min(size(), from + count); i++) {
            rows += tokens(i);
        }
        return rows;
    }
}
