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
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.MeanPooledHead;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.Meter;
import dev.lorikeet.transformer.task.SequenceTask;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.List;

/**
 * What a backbone's features are worth as they are: a linear classifier on top of them, the backbone frozen (Alain and
 * Bengio 2016). Features are computed once, so that this costs little more than one forward pass over the data.
 */
public final class LinearProbe {
    private static final int BATCH = 32;
    /** More would learn the training examples by heart, and make a baseline that is too easy to beat. */
    private static final int EPOCHS = 10;
    /** But few examples need more than a few passes. */
    private static final int MIN_STEPS = 1000;
    private static final double RATE = 3e-3;

    /** A linear layer on features (examples, hidden). */
    private record Probe(Linear layer, EncodedDataset data, Tensor features, Tensor room) implements Trainable {
        @Override
        public int size() {
            return data.size();
        }

        /** A row of features. */
        @Override
        public int tokens(int example) {
            return 1;
        }

        @Override
        public int count(int example) {
            return data.count(example);
        }

        @Override
        public List<Parameter> parameters() {
            return List.copyOf(layer.namedParameters().values());
        }

        @Override
        public Variable loss(Tape tape, int[] examples, double over) {
            Tensor x = room.rows(0, examples.length);
            WholeRows.gather(features, examples, x, false);
            return data.model().task().loss(tape, layer.forward(tape, Variable.constant(x)), data.examples(examples),
                    over);
        }
    }

    private LinearProbe() {}

    /**
     * Trains a probe on {@code train} and evaluates it on {@code test}; {@code model} stays as it is.
     *
     * @throws IllegalArgumentException if the task is none of whole sequences
     */
    public static <X, Y> Evaluation run(TaskModel<X, Y, ?> model, Examples<X, Y> train, Examples<X, Y> test,
            long seed) {
        if (!(model.task() instanceof SequenceTask<?, ?, ?> task)) {
            throw new IllegalArgumentException("linear probe: the task is " + model.task().kind());
        }
        Compute compute = model.compute();
        Workspace workspace = new Workspace();
        EncodedDataset examples = EncodedDataset.of(model, train);
        Tensor features = features(examples, workspace);
        Linear layer = MeanPooledHead.newLayer(task.labels().size(), features.dim(1), seed);
        layer.unfreeze();
        Probe probe = new Probe(layer, examples, features, Tensor.zeros(BATCH, features.dim(1)));
        int epochs = Math.max(EPOCHS, Math.ceilDiv(MIN_STEPS, Math.ceilDiv(examples.size(), BATCH)));
        TrainingSettings settings = TrainingSettings.defaults().withEpochs(epochs).withBatchSize(BATCH)
                .with(TrainingSettings.WARMUP_RATIO, 0.0);
        Update update = new PlainUpdate(Rule.adamW(), List.of(new ParameterGroup(layer.namedParameters(), RATE, 0)), 0,
                compute, workspace);
        new TrainingLoop(probe, settings, Draws.of(seed, "probe"), update, new LocalGradients(compute, workspace),
                List.of()).run(null, null);
        return evaluate(layer, EncodedDataset.of(model, test), workspace);
    }

    private static Evaluation evaluate(Linear layer, EncodedDataset data, Workspace workspace) {
        Tensor features = features(data, workspace);
        Meter meter = data.model().task().meter();
        try (Tape tape = Tape.inference(data.model().compute(), workspace)) {
            Variable logits = layer.forward(tape, Variable.constant(features));
            meter.add(logits.value(), data.examples());
            double count = data.examples().stream().mapToDouble(data.model().task()::count).sum();
            return meter.result(data.model().task().loss(tape, logits, data.examples(), count).item());
        }
    }

    /** (examples, hidden). */
    private static Tensor features(EncodedDataset data, Workspace workspace) {
        int[] at = new int[1];
        Tensor[] all = new Tensor[1];
        data.forEachBatch(BATCH, workspace, (tape, own) -> {
            Batch batch = Encoded.batch(own);
            Tensor part = data.model().features(batch.pass(tape), batch).value();
            if (at[0] == 0) {
                all[0] = Tensor.zeros(data.size(), part.dim(1));
            }
            all[0].rows(at[0], at[0] + own.size()).set(part);
            at[0] += own.size();
        });
        return all[0];
    }
}
