package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.TrainingDuty;
import dev.lorikeet.autograd.optim.Clipping;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.autograd.optim.Schedule;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Rows;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.metrics.ConfusionMatrix;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Classifier;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Trains a {@link Classifier}: whatever parameters of its encoder are not frozen, and its head, by AdamW on the mean
 * cross-entropy of each step's examples, with what the parameters' {@linkplain TrainingDuty duties} add to it and do
 * after each step. A trainer belongs to one thread.
 */
public final class Trainer {
    private final Classifier classifier;
    private final Compute compute;
    private final TrainingSettings settings;
    private final Workspace workspace = new Workspace();
    private final List<TrainingListener> listeners = new ArrayList<>();

    /** What a run keeps from step to step. */
    private record Update(Optimizer optimizer, Clipping clipping, Schedule schedule, int steps) {}

    /** A trainer on {@link Compute#shared()}. */
    public Trainer(Classifier classifier, TrainingSettings settings) {
        this(classifier, Cpu.shared(), settings);
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
     * @throws IllegalArgumentException if a data set is empty or has other classes than the classifier, or if no step
     *     would change anything
     * @throws DivergedException if the loss is no longer finite
     */
    public TrainingResult run(Dataset train, Dataset test) {
        EncodedDataset examples = EncodedDataset.of(classifier, train);
        EncodedDataset held = EncodedDataset.of(classifier, test);
        if (examples.size() == 0 || held.size() == 0) {
            throw new IllegalArgumentException("training: " + examples.size() + " examples to train on, " + held.size()
                    + " to test on");
        }
        int steps = settings.steps(examples.size());
        if (!settings.trains(steps)) {
            throw new IllegalArgumentException(
                    "training: the rate is 0 in every step (" + steps + "): a warm-up begins "
                            + "with 0");
        }
        Update update = update(steps);
        int mostTokens = IntStream.rangeClosed(1, settings.epochs())
                .map(epoch -> examples.mostTokens(batches(examples, epoch))).max().orElse(0);
        update.optimizer.duties().forEach(duty -> duty.begin(steps));
        listeners.forEach(listener -> listener.started(steps, examples.tokens()));
        List<Step> done = new ArrayList<>();
        List<Epoch> epochs = new ArrayList<>();
        for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
            int first = done.size();
            List<int[]> batches = batches(examples, epoch);
            for (int from = 0; from < batches.size(); from += settings.accumulation()) {
                List<int[]> together = batches.subList(from, Math.min(batches.size(), from + settings
                        .accumulation()));
                Step step = step(examples, together, mostTokens, update, done.size() + 1, epoch);
                done.add(step);
                listeners.forEach(listener -> listener.stepDone(step));
            }
            Evaluation answers = evaluate(held);
            requireFinite(answers.loss(), "the test loss after epoch " + epoch);
            Epoch finished = summary(epoch, done.subList(first, done.size()), answers);
            epochs.add(finished);
            listeners.forEach(listener -> listener.epochDone(finished));
        }
        update.optimizer.duties().forEach(TrainingDuty::end);
        return new TrainingResult(done, epochs);
    }

    private Update update(int steps) {
        classifier.head().unfreeze();
        classifier.model().encoder().gradientCheckpointing(settings.gradientCheckpointing());
        List<ParameterGroup> groups = new ArrayList<>(groups("", classifier.model().encoder(), settings.adapterRate()));
        groups.addAll(groups("head.", classifier.head(), settings.headRate()));
        return new Update(new Optimizer(Rule.adamW(), groups), new Clipping(groups), settings.schedule(steps), steps);
    }

    /** The examples of each batch of {@code epoch}, in a random order. */
    private List<int[]> batches(EncodedDataset examples, int epoch) {
        int[] order = Random.permutation(examples.size(), Random.key(Random.key(settings.seed(), "order"), epoch));
        return EncodedDataset.batches(order, settings.batchSize());
    }

    private List<ParameterGroup> groups(String prefix, Module module, double rate) {
        return ParameterGroup.split(ParameterGroup.trained(prefix, module), rate, settings.weightDecay());
    }

    private Step step(EncodedDataset examples, List<int[]> batches, int mostTokens, Update update, int step,
            int epoch) {
        long start = System.nanoTime();
        int counted = 0;
        for (int[] which : batches) {
            counted += which.length;
        }
        double loss = 0;
        int tokens = 0;
        for (int i = 0; i < batches.size(); i++) {
            int[] which = batches.get(i);
            Batch batch = examples.batch(which);
            workspace.expect(batch.rows(), mostTokens);
            float share = (float) which.length / counted;
            loss += share * (double) backward(update, batch, examples.labels(which), share, step,
                    (step - 1) * settings.accumulation() + 1 + i);
            tokens += batch.rows();
        }
        double norm = settings.clipNorm() > 0 ? update.clipping.byNorm(settings.clipNorm()) : Double.NaN;
        double factor = update.schedule.factor(step - 1);
        update.optimizer.step(factor);
        return new Step(step, epoch, update.steps, loss, norm, factor, tokens, (System.nanoTime() - start) * 1e-9);
    }

    /**
     * Adds {@code share} times the gradients of the mean loss of a batch, which it gives, and of the duties' penalties.
     *
     * @param draw decides the random numbers, another for each batch of the run
     */
    private float backward(Update update, Batch batch, int[] labels, float share, int step, int draw) {
        long key = Random.key(Random.key(settings.seed(), "step"), draw);
        try (Tape tape = Tape.training(compute, workspace, key)) {
            Variable loss = loss(tape, batch, labels);
            float value = loss.item();
            if (!Float.isFinite(value)) {
                throw notFinite(value, step, batch, labels, key);
            }
            tape.backward(withPenalties(tape, loss, update.optimizer.duties()), share);
            return value;
        }
    }

    private static Variable withPenalties(Tape tape, Variable loss, List<TrainingDuty> duties) {
        Variable sum = loss;
        for (TrainingDuty duty : duties) {
            Variable penalty = duty.penalty(tape);
            sum = penalty == null ? sum : ElementOps.add(tape, sum, penalty);
        }
        return sum;
    }

    private Variable loss(Tape tape, Batch batch, int[] labels) {
        return Losses.crossEntropy(tape, classifier.logits(tape, batch), labels);
    }

    /** Runs the step again to find the operation where it began. */
    private DivergedException notFinite(float loss, int step, Batch batch, int[] labels, long key) {
        String first = "";
        try (Tape tape = Tape.training(compute, workspace, key).detectAnomalies()) {
            loss(tape, batch, labels);
        } catch (ArithmeticException e) {
            first = " (" + e.getMessage() + ")";
        }
        return new DivergedException("training: the loss of step " + step + " is " + loss + first
                + "; a lower learning rate may help");
    }

    private static void requireFinite(double loss, String which) {
        if (!Double.isFinite(loss)) {
            throw new DivergedException("training: " + which + " is " + loss + "; a lower learning rate may help");
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
