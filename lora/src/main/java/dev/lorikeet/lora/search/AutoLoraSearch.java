package dev.lorikeet.lora.search;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.autograd.optim.Schedule;
import dev.lorikeet.lora.Gate;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraSite;
import dev.lorikeet.lora.rank.RankAllocator;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Classifier;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * AutoLoRA's search for ranks (Zhang et al. 2024, algorithm 1): each rank-1 term of a module's adapter is weighed by a
 * selection variable; one part of the data trains adapters and head, the other the selection, in turns, step by step.
 * How many terms of a module stay is its rank. What they learned is not kept: the adapter to use is trained anew, with
 * these ranks, on all data.
 *
 * <pre>{@code
 * AutoLoraSearch search = new AutoLoraSearch(classifier, config, AutoLora.defaults(), training);
 * LoraConfig found = search.run(train);
 * Lora.attach(classifier.model().encoder(), found, seed);
 * new Trainer(classifier, training).run(train, test);
 * }</pre>
 *
 * <p>A search belongs to one thread, and runs once.
 */
public final class AutoLoraSearch implements RankAllocator {
    private static final Rule SELECTION_RULE = new Rule.Adam(0.5, 0.999, 1e-8);

    /**
     * A finished step of the search.
     *
     * @param step from 1 to steps
     * @param trainingLoss before the step of the adapters, on a batch of their part of the data
     * @param validationLoss before the step of the selection, on a batch of the rest
     * @param seconds this step took
     */
    public record SearchStep(int step, int steps, double trainingLoss, double validationLoss, double seconds) {}

    private final Classifier classifier;
    private final LoraConfig config;
    private final AutoLora settings;
    private final TrainingSettings training;
    private final Workspace workspace = new Workspace();
    private final List<Consumer<SearchStep>> listeners = new ArrayList<>();
    /** β by module. */
    private final Map<String, Parameter> selections = new LinkedHashMap<>();
    private final List<RanksAt> history = new ArrayList<>();
    private int steps;
    private long passes;
    private double seconds;
    private double plainSeconds;
    private @Nullable Evaluation validation;

    /**
     * A search on {@link Compute#shared()}.
     *
     * @param config of the adapters, whose rank is k: any scaling, no AdaLoRA
     * @param training batch size, rates, decay, schedule and seed
     */
    public AutoLoraSearch(Classifier classifier, LoraConfig config, AutoLora settings, TrainingSettings training) {
        this.classifier = classifier;
        this.config = config;
        this.settings = settings;
        this.training = training;
    }

    public void listener(Consumer<SearchStep> listener) {
        listeners.add(listener);
    }

    /**
     * Searches. Afterwards the classifier is what it was, bit for bit, its head included.
     *
     * @return the configuration with the ranks found, for exactly the modules that have some
     * @throws InputException if a target cannot have a selection, scores fit no module, or no module is left
     * @throws IllegalArgumentException if there are fewer than two examples, or they have other classes
     * @throws dev.lorikeet.transformer.training.DivergedException if a loss is no longer finite
     * @throws IllegalStateException if this has run before, or a targeted layer has an adapter already
     */
    public LoraConfig run(Dataset train) {
        if (!selections.isEmpty()) {
            throw new IllegalStateException("autolora: a search runs once");
        }
        if (train.size() < 2) {
            throw new IllegalArgumentException("autolora: " + train.size() + " examples cannot be split in two");
        }
        int[] order = Random.permutation(train.size(), Random.key(training.seed(), "split"));
        int first = Math.clamp(Math.round(settings.trainingShare() * train.size()), 1, train.size() - 1);
        Dataset inner = part(train, order, 0, first);
        Dataset outer = part(train, order, first, train.size());
        Map<Parameter, Tensor> head = new LinkedHashMap<>();
        Map<Parameter, Boolean> trained = new LinkedHashMap<>();
        classifier.head().namedParameters().values().forEach(parameter -> {
            head.put(parameter, parameter.value().copy());
            trained.put(parameter, parameter.requiresGradient());
        });
        LoraAdapter adapter = Lora.attach(classifier.model().encoder(), config, training.seed(), this::gate);
        try {
            requireScoresOfModules();
            classifier.head().unfreeze();
            search(EncodedDataset.of(classifier, inner), EncodedDataset.of(classifier, outer));
            validation = new Trainer(classifier, training).evaluate(outer);
        } finally {
            adapter.detach();
            head.forEach((parameter, value) -> {
                parameter.set(value);
                if (!trained.getOrDefault(parameter, false)) {
                    parameter.freeze();
                }
                parameter.clearGradient();
            });
        }
        return config.withRanks(ranks());
    }

    private static Dataset part(Dataset data, int[] order, int from, int to) {
        return new Dataset(data.name(), IntStream.range(from, to).mapToObj(i -> data.examples().get(order[i])).toList(),
                data.labels());
    }

    private Gate gate(LoraSite site) {
        float[] scores = settings.scores().getOrDefault(site.path(), new float[site.rank()]);
        if (scores.length != site.rank()) {
            throw new InputException("autolora: scores." + site.path() + ": " + site.rank() + " are expected, not "
                    + scores.length);
        }
        Parameter beta = new Parameter(settings.selection().start(scores));
        beta.unfreeze();
        selections.put(site.path(), beta);
        return new SelectionGate(settings.selection(), beta);
    }

    private void requireScoresOfModules() {
        settings.scores().keySet().stream().filter(path -> !selections.containsKey(path)).findFirst()
                .ifPresent(path -> {
                    throw new InputException("autolora: scores." + path + ": is no module with an adapter");
                });
    }

    private void search(EncodedDataset inner, EncodedDataset outer) {
        int total = settings.epochs() * Math.ceilDiv(inner.size(), training.batchSize());
        if (!training.trains(total)) { // B would stay 0, and all ranks alike
            throw new InputException(
                    "autolora: the rate is 0 in every step of the search (" + total + "): a warm-up begins "
                            + "with 0; more epochs or no warm-up help");
        }
        Schedule schedule = training.schedule(total);
        List<ParameterGroup> groups = new ArrayList<>(groups("", classifier.model().encoder(), training.adapterRate()));
        groups.addAll(groups("head.", classifier.head(), training.headRate()));
        Bilevel bilevel = new Bilevel(Cpu.shared(), workspace, Rule.adamW(), groups, SELECTION_RULE,
                new ParameterGroup(selections, settings.selectionRate(), 0), settings.secondOrder(),
                settings.rollBack());
        List<int[]> train = batches(inner, "training", total);
        List<int[]> validate = batches(outer, "validation", total);
        int mostTokens = Math.max(inner.mostTokens(train), outer.mostTokens(validate));
        for (int step = 0; step < total; step++) {
            Bilevel.Result result = bilevel.step(task(inner, train.get(step), "training", step, mostTokens),
                    task(outer, validate.get(step), "validation", step, mostTokens), schedule.factor(step), 1);
            note(result, step);
            SearchStep done = new SearchStep(step + 1, total, result.trainingLoss(), result.validationLoss(),
                    result.seconds());
            listeners.forEach(listener -> listener.accept(done));
        }
    }

    private List<ParameterGroup> groups(String prefix, Module module, double rate) {
        return ParameterGroup.split(ParameterGroup.trained(prefix, module), rate, training.weightDecay());
    }

    /** As many batches as there are steps: the examples in a random order, and then again in another. */
    private List<int[]> batches(EncodedDataset data, String name, int count) {
        List<int[]> batches = new ArrayList<>();
        for (int epoch = 0; batches.size() < count; epoch++) {
            int[] order = Random.permutation(data.size(), Random.key(Random.key(training.seed(), name), epoch));
            batches.addAll(EncodedDataset.batches(order, training.batchSize()));
        }
        return batches.subList(0, count);
    }

    private Bilevel.Task task(EncodedDataset data, int[] which, String name, int step, int mostTokens) {
        Batch batch = data.batch(which);
        int[] labels = data.labels(which);
        return new Bilevel.Task(tape -> {
            workspace.expect(batch.rows(), mostTokens);
            return Losses.crossEntropy(tape, classifier.logits(tape, batch), labels);
        }, Random.key(Random.key(training.seed(), name + " step"), step));
    }

    private void note(Bilevel.Result result, int step) {
        steps++;
        passes += result.passes();
        seconds += result.seconds();
        plainSeconds += result.plainSeconds();
        Map<String, Integer> ranks = ranks();
        if (history.isEmpty() || !history.getLast().ranks().equals(ranks)) {
            history.add(new RanksAt(step, ranks));
        }
    }

    /** The selection variables β (k) by module; empty before the search. */
    public Map<String, Tensor> selections() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        selections.forEach((path, beta) -> all.put(path, beta.value().copy()));
        return all;
    }

    /** The searched model's answers to the part of the data that trained the selection; null before the end. */
    public @Nullable Evaluation validation() {
        return validation;
    }

    /** The time of all steps so far; {@link #cost} has the part of it that plain LoRA would not have spent. */
    public double seconds() {
        return seconds;
    }

    /** The ranks as the selection stands; empty before the search. */
    @Override
    public Map<String, Integer> ranks() {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        int least = settings.layerSelection() ? 0 : 1;
        selections.forEach((path, beta) -> ranks.put(path,
                Math.max(least, settings.selection().rank(beta.value()))));
        return Collections.unmodifiableMap(ranks);
    }

    @Override
    public List<RanksAt> history() {
        return List.copyOf(history);
    }

    @Override
    public Cost cost() {
        return new Cost(steps, passes - steps, seconds - plainSeconds);
    }
}
