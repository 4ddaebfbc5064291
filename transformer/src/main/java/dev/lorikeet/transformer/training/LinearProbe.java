package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.autograd.optim.Schedule;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Rows;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.metrics.ConfusionMatrix;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Classifier;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the encoder's features are worth as they are: a linear classifier on top of them, the encoder frozen (Alain and
 * Bengio 2016). Features are computed once, so that this costs little more than one forward pass over the data.
 */
public final class LinearProbe {
    private static final int BATCH = 32;
    /** More would learn the training examples by heart, and make a baseline that is too easy to beat. */
    private static final int EPOCHS = 10;
    /** But few examples need more than a few passes. */
    private static final int MIN_STEPS = 1000;
    private static final double RATE = 3e-3;

    private LinearProbe() {}

    /** Trains a probe on {@code train} and evaluates it on {@code test}; {@code classifier} stays as it is. */
    public static Evaluation run(Classifier classifier, Compute compute, Dataset train, Dataset test, long seed) {
        Workspace workspace = new Workspace();
        EncodedDataset examples = EncodedDataset.of(classifier, train);
        Tensor features = features(classifier, compute, workspace, examples);
        Linear head = Classifier.newHead(classifier.labels().size(), features.dim(1), seed);
        head.unfreeze();
        Optimizer optimizer = new Optimizer(Rule.adamW(), List.of(new ParameterGroup(head.namedParameters(), RATE, 0)));
        Tensor room = Tensor.zeros(BATCH, features.dim(1));
        int stepsPerEpoch = Math.ceilDiv(examples.size(), BATCH);
        int epochs = Math.max(EPOCHS, Math.ceilDiv(MIN_STEPS, stepsPerEpoch));
        Schedule schedule = Schedule.linear(0, epochs * stepsPerEpoch);
        int step = 0;
        for (int epoch = 0; epoch < epochs; epoch++) {
            int[] order = Random.permutation(examples.size(), Random.key(Random.key(seed, "probe"), epoch));
            for (int[] which : EncodedDataset.batches(order, BATCH)) {
                try (Tape tape = Tape.training(compute, workspace)) {
                    Tensor x = room.rows(0, which.length);
                    Rows.gather(features, which, x, false);
                    Variable logits = head.forward(tape, Variable.constant(x));
                    tape.backward(Losses.crossEntropy(tape, logits, examples.labels(which)));
                }
                optimizer.step(schedule.factor(step++));
            }
        }
        return evaluate(head, compute, workspace, classifier, EncodedDataset.of(classifier, test));
    }

    private static Evaluation evaluate(Linear head, Compute compute, Workspace workspace, Classifier classifier,
            EncodedDataset data) {
        Tensor features = features(classifier, compute, workspace, data);
        try (Tape tape = Tape.inference(compute, workspace)) {
            Variable logits = head.forward(tape, Variable.constant(features));
            int[] predicted = IntStream.range(0, data.size()).map(i -> Rows.argmax(logits.value(), i)).toArray();
            return new Evaluation(new ConfusionMatrix(classifier.labels().size(), data.labels(), predicted),
                    Losses.crossEntropy(tape, logits, data.labels()).item());
        }
    }

    /** (examples, hidden). */
    private static Tensor features(Classifier classifier, Compute compute, Workspace workspace, EncodedDataset data) {
        Tensor features = Tensor.zeros(data.size(), classifier.model().config().hiddenSize());
        List<int[]> batches = data.batches(BATCH);
        int mostTokens = data.mostTokens(batches);
        for (int[] which : batches) {
            Batch batch = data.batch(which);
            workspace.expect(batch.rows(), mostTokens);
            try (Tape tape = Tape.inference(compute, workspace)) {
                Tensor part = classifier.features(tape, batch).value();
                features.rows(which[0], which[0] + which.length).set(part);
            }
        }
        return features;
    }
}
