package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.AdamW;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Schedule;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Rows;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.metrics.ConfusionMatrix;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Classifier;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Trains a {@link Classifier}: whatever parameters of its encoder are not frozen, and its head. AdamW, the linear
 * schedule with warm-up, cross-entropy. A trainer belongs to one thread.
 */
public final class Trainer {
    private final Classifier classifier;
    private final Compute compute;
    private final TrainingSettings settings;
    private final Workspace workspace = new Workspace();
    private final List<TrainingListener> listeners = new ArrayList<>();

    /** A trainer on {@link Compute#shared()}. */
    public Trainer(Classifier classifier, TrainingSettings settings) {
        this(classifier, Compute.shared(), settings);
    }

    public Trainer(Classifier classifier, Compute compute, TrainingSettings settings) {
        this.classifier = classifier;
        this.compute = compute;
        this.settings = settings;
    }

    public void listener(TrainingListener listener) {
        listeners.add(listener);
    }

    /**
     * Trains on {@code train} and evaluates on {@code test} after each epoch.
     *
     * @throws IllegalArgumentException if a data set is empty or has other classes than the classifier
     * @throws ArithmeticException if the loss is no longer finite
     */
    public TrainingResult run(Dataset train, Dataset test) {
        EncodedDataset examples = EncodedDataset.of(classifier, train);
        EncodedDataset held = EncodedDataset.of(classifier, test);
        if (examples.size() == 0 || held.size() == 0) {
            throw new IllegalArgumentException("training: " + examples.size() + " examples to train on, " + held.size()
                    + " to test on");
        }
        int steps = settings.epochs() * Math.ceilDiv(examples.size(), settings.batchSize());
        Schedule schedule = Schedule.linear((int) Math.ceil(settings.warmupRatio() * steps), steps);
        classifier.head().unfreeze();
        AdamW optimizer = new AdamW(List.of(group(classifier.model().encoder(), settings.adapterRate()),
                group(classifier.head(), settings.headRate())));
        int mostTokens = IntStream.rangeClosed(1, settings.epochs())
                .map(epoch -> examples.mostTokens(batches(examples, epoch))).max().orElse(0);
        listeners.forEach(listener -> listener.started(steps, examples.tokens()));
        List<Step> done = new ArrayList<>();
        List<Epoch> epochs = new ArrayList<>();
        for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
            int first = done.size();
            for (int[] which : batches(examples, epoch)) {
                Batch batch = examples.batch(which);
                workspace.expect(batch.rows(), mostTokens);
                Step step = step(batch, examples.labels(which), optimizer, schedule, done.size() + 1, epoch, steps);
                done.add(step);
                listeners.forEach(listener -> listener.stepDone(step));
            }
            Evaluation answers = evaluate(held);
            requireFinite(answers.loss(), "the test loss after epoch " + epoch);
            Epoch finished = summary(epoch, done.subList(first, done.size()), answers);
            epochs.add(finished);
            listeners.forEach(listener -> listener.epochDone(finished));
        }
        return new TrainingResult(done, epochs);
    }

    /** The examples of each step of {@code epoch}, in a random order. */
    private List<int[]> batches(EncodedDataset examples, int epoch) {
        int[] order = Random.permutation(examples.size(), Random.key(Random.key(settings.seed(), "order"), epoch));
        return EncodedDataset.batches(order, settings.batchSize());
    }

    private ParameterGroup group(Module module, double rate) {
        List<Parameter> trained = module.namedParameters().values().stream().filter(Parameter::requiresGradient)
                .toList();
        return new ParameterGroup(trained, rate, settings.weightDecay());
    }

    private Step step(Batch batch, int[] labels, AdamW optimizer, Schedule schedule, int step, int epoch, int steps) {
        long start = System.nanoTime();
        double factor = schedule.factor(step - 1);
        float value;
        try (Tape tape = Tape.training(compute, workspace, Random.key(Random.key(settings.seed(), "step"), step))) {
            Variable loss = Losses.crossEntropy(tape, classifier.logits(tape, batch), labels);
            value = loss.item();
            requireFinite(value, "the loss of step " + step);
            tape.backward(loss);
        }
        optimizer.step(factor);
        return new Step(step, epoch, steps, value, factor, batch.rows(), (System.nanoTime() - start) * 1e-9);
    }

    private static void requireFinite(double loss, String which) {
        if (!Double.isFinite(loss)) {
            throw new ArithmeticException("training: " + which + " is " + loss + "; a lower learning rate may help");
        }
    }

    private Epoch summary(int epoch, List<Step> steps, Evaluation test) {
        return new Epoch(epoch, settings.epochs(), steps.stream().mapToDouble(Step::loss).average().orElseThrow(),
                test, steps.stream().mapToDouble(Step::seconds).sum(), steps.stream().mapToLong(Step::tokens).sum());
    }

    /**
     * The classifier's answers to {@code data} as it stands now, without dropout.
     *
     * @throws IllegalArgumentException if the data set has other classes than the classifier
     */
    public Evaluation evaluate(Dataset data) {
        return evaluate(EncodedDataset.of(classifier, data));
    }

    private Evaluation evaluate(EncodedDataset data) {
        int[] predicted = new int[data.size()];
        double loss = 0;
        List<int[]> batches = data.batches(settings.batchSize());
        int mostTokens = data.mostTokens(batches);
        for (int[] which : batches) {
            Batch batch = data.batch(which);
            workspace.expect(batch.rows(), mostTokens);
            try (Tape tape = Tape.inference(compute, workspace)) {
                Variable logits = classifier.logits(tape, batch);
                loss += which.length * (double) Losses.crossEntropy(tape, logits, data.labels(which)).item();
                for (int i = 0; i < which.length; i++) {
                    predicted[which[i]] = Rows.argmax(logits.value(), i);
                }
            }
        }
        return new Evaluation(new ConfusionMatrix(classifier.labels().size(), data.labels(), predicted),
                loss / data.size());
    }
}
