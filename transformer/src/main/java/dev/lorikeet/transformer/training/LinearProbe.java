package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WholeRows;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.MeanPooledHead;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.Meter;
import dev.lorikeet.transformer.task.SequenceTask;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.TokenClassification;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a backbone's features are worth as they are: a linear classifier on top of them, the backbone frozen (Alain and
 * Bengio 2016). Features are computed once, so that this costs little more than one forward pass over the data; of more
 * than 32,768 examples it learns from as many, from all over the data.
 */
public final class LinearProbe {
    private static final int BATCH = 32;
    /** More would learn the training examples by heart, and make a baseline that is too easy to beat. */
    private static final int EPOCHS = 10;
    /** Of more, so many tell what features are worth, and their features fit into memory. */
    private static final int MOST = 1 << 15;
    /** But few examples need more than a few passes. */
    private static final int MIN_STEPS = 1000;
    private static final double RATE = 3e-3;

    /**
     * What a model makes of examples.
     *
     * @param rows (rows, hidden): one of each sequence, or of each token
     * @param first the first row of each example, and behind them the number of rows
     */
    private record Features(EncodedDataset data, Tensor rows, int[] first) {
        /** The rows of these examples, one behind the other. */
        int[] of(int[] examples) {
            return Arrays.stream(examples).flatMap(i -> IntStream.range(first[i], first[i + 1])).toArray();
        }

        /** The most rows that so many examples may have. */
        int most(int examples) {
            return IntStream.range(0, data.size()).map(i -> first[i] - first[i + 1]).sorted().limit(examples)
                    .map(rows -> -rows).sum();
        }
    }

    /** A linear layer on features. */
    private record Probe(Linear layer, Features features, Tensor room) implements Trainable {
        @Override
        public int size() {
            return features.data().size();
        }

        @Override
        public int tokens(int example) {
            return features.first()[example + 1] - features.first()[example];
        }

        @Override
        public int count(int example) {
            return features.data().count(example);
        }

        @Override
        public List<Parameter> parameters() {
            return List.copyOf(layer.namedParameters().values());
        }

        @Override
        public Variable loss(Tape tape, int[] examples, double over) {
            int[] rows = features.of(examples);
            Tensor x = room.rows(0, rows.length);
            WholeRows.gather(features.rows(), rows, x, false);
            EncodedDataset data = features.data();
            return data.model().task().loss(tape, layer.forward(tape, Variable.constant(x)), data.examples(examples),
                    over);
        }
    }

    private LinearProbe() {}

    /**
     * Trains a probe on {@code train} and evaluates it on {@code test}; their model stays as it is.
     *
     * @throws IllegalArgumentException if the task is none that a linear layer on texts or tokens could learn
     */
    public static Evaluation run(EncodedDataset train, EncodedDataset test, long seed) {
        TaskModel<?, ?, ?> model = train.model();
        int outputs = switch (model.task()) {
            case SequenceTask<?, ?, ?> task -> task.labels().size();
            case TokenClassification task -> task.labels().size();
            default -> throw new IllegalArgumentException("linear probe: the task is " + model.task().kind());
        };
        Compute compute = model.compute();
        Workspace workspace = new Workspace();
        Features features = features(some(train), workspace);
        int hidden = features.rows().dim(1);
        Linear layer = MeanPooledHead.newLayer(outputs, hidden, seed);
        layer.unfreeze();
        Probe probe = new Probe(layer, features, Tensor.zeros(features.most(BATCH), hidden));
        int epochs = Math.max(EPOCHS, Math.ceilDiv(MIN_STEPS, Math.ceilDiv(probe.size(), BATCH)));
        TrainingSettings settings = TrainingSettings.defaults().withEpochs(epochs).withBatchSize(BATCH)
                .with(TrainingSettings.WARMUP_RATIO, 0.0);
        Update update = new PlainUpdate(Rule.adamW(), List.of(new ParameterGroup(layer.namedParameters(), RATE, 0)), 0,
                compute, workspace);
        new TrainingLoop(probe, settings, Draws.of(seed, "probe"), update, new LocalGradients(compute, workspace),
                List.of()).run(null, null);
        return evaluate(layer, features(test, workspace), workspace);
    }

    /** From all over the data. */
    private static EncodedDataset some(EncodedDataset data) {
        return data.size() <= MOST ? data
                : data.select(IntStream.range(0, MOST).map(i -> (int) ((long) i * data.size() / MOST)).toArray());
    }

    private static Evaluation evaluate(Linear layer, Features features, Workspace workspace) {
        EncodedDataset data = features.data();
        Meter meter = data.model().task().meter();
        try (Tape tape = Tape.inference(data.model().compute(), workspace)) {
            Variable logits = layer.forward(tape, Variable.constant(features.rows()));
            List<Encoded> all = data.examples().toList();
            meter.add(logits.value(), all);
            double count = all.stream().mapToDouble(data.model().task()::count).sum();
            return meter.result(data.model().task().loss(tape, logits, all, count).item());
        }
    }

    private static Features features(EncodedDataset data, Workspace workspace) {
        boolean ofTokens = data.model().task() instanceof TokenClassification;
        int[] first = new int[data.size() + 1];
        for (int i = 0; i < data.size(); i++) {
            first[i + 1] = first[i] + (ofTokens ? data.tokens(i) : 1);
        }
        Tensor rows = Tensor.zeros(first[data.size()], data.model().backbone().config().hiddenSize());
        int[] at = new int[1];
        data.forEachBatch(BATCH, workspace, (tape, own) -> {
            Batch batch = Encoded.batch(own);
            Tensor part = data.model().features(batch.pass(tape), batch).value();
            rows.rows(at[0], at[0] + part.dim(0)).set(part);
            at[0] += part.dim(0);
        });
        return new Features(data, rows, first);
    }
}
