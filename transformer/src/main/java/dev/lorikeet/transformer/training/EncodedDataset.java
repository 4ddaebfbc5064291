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
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.Meter;
import dev.lorikeet.transformer.task.SmoothedTask;
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
 * @param labelSmoothing of the targets in {@link #loss}, in [0, 1); what is evaluated has none
 */
public record EncodedDataset(TaskModel<?, ?, ?> model, EncodedExamples examples, float labelSmoothing)
        implements
            Trainable {
    /** Of the random numbers of targets, in a tape's key: operations draw theirs by small numbers. */
    private static final long TARGETS = Random.key(0, "targets");
    /** The same in each evaluation, so that evaluations can be compared. */
    private static final long EVALUATION = Random.key(0, "evaluation");

    /** Without label smoothing. */
    public EncodedDataset(TaskModel<?, ?, ?> model, List<Encoded> examples) {
        this(model, EncodedExamples.of(examples), 0);
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
            return new EncodedDataset(model, EncodedCache.of(model, streamed), 0);
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
     * This, with the label smoothing of a training loss.
     *
     * @throws InputException if the task has no classes
     */
    public EncodedDataset smoothed(double share) {
        if (share != 0 && !(model.task() instanceof SmoothedTask)) {
            throw new InputException(TrainingSettings.LABEL_SMOOTHING.name() + ": is for one class of several, the "
                    + "task is " + model.task().kind());
        }
        return new EncodedDataset(model, examples, (float) share);
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
        return new EncodedDataset(model, examples.select(which), labelSmoothing);
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
        Variable logits = model.logits(tape, own);
        return model.task() instanceof SmoothedTask<?, ?, ?> task
                ? task.loss(tape, logits, own, over, labelSmoothing)
                : model.task().loss(tape, logits, own, over);
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
            Variable logits = model.logits(tape, own);
            double count = own.stream().mapToDouble(model.task()::count).sum();
            if (count > 0) {
                sums[0] += count * model.task().loss(tape, logits, own, count).item();
            }
            sums[1] += count;
            meter.add(logits.value(), own);
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
