package dev.lorikeet.lora.search;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.OptimizerState;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.lora.Gate;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraSite;
import dev.lorikeet.lora.rank.RankAllocator;
import dev.lorikeet.lora.rank.RankHistory;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.Batches;
import dev.lorikeet.transformer.training.Draws;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.Gradients;
import dev.lorikeet.transformer.training.LocalGradients;
import dev.lorikeet.transformer.training.MicroBatch;
import dev.lorikeet.transformer.training.OptimizerPlan;
import dev.lorikeet.transformer.training.TrainState;
import dev.lorikeet.transformer.training.Trainable;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingLoop;
import dev.lorikeet.transformer.training.TrainingSettings;
import dev.lorikeet.transformer.training.Update;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * AutoLoRA's search for ranks (Zhang et al. 2024, algorithm 1): each rank-1 term of a module's adapter is weighed by a
 * selection variable; one part of the data trains adapters and head, the other the selection, in turns, step by step.
 * How many terms of a module stay is its rank. What they learned is not kept: the adapter to use is trained anew, with
 * these ranks, on all data.
 *
 * <pre>{@code
 * LoraConfig found = new AutoLoraSearch<>(model, config, AutoLora.defaults(), training).run(train);
 * Lora.attach(model, found, seed);
 * Trainer.of(model).settings(training).run(train);
 * }</pre>
 *
 * <p>A search belongs to one thread, and runs once.
 *
 * @param <X> an input of the model's task
 * @param <Y> a target
 */
public final class AutoLoraSearch<X, Y> implements RankAllocator {
    /** In the state: the part that is the search's own, and its tensors. */
    private static final String FOUND = "found";
    private static final String BETA = ".beta";
    private static final String HISTORY = "autolora.history";
    private static final String COSTS = "autolora.passes_and_seconds";
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

    private final TaskModel<X, Y, ?> model;
    private final LoraConfig config;
    private final AutoLora settings;
    private final TrainingSettings training;
    private final Workspace workspace = new Workspace();
    private final List<Consumer<SearchStep>> listeners = new ArrayList<>();
    private final List<TrainingListener> loopListeners = new ArrayList<>();
    /** β by module. */
    private final Map<String, Parameter> selections = new LinkedHashMap<>();
    private final List<RanksAt> history = new ArrayList<>();
    private int steps;
    private long passes;
    private double seconds;
    private double plainSeconds;
    private @Nullable Evaluation validation;

    /**
     * A search.
     *
     * @param config of the adapters, whose rank is k: any scaling, no AdaLoRA
     * @param training batch size, rates, decay, schedule and seed
     */
    public AutoLoraSearch(TaskModel<X, Y, ?> model, LoraConfig config, AutoLora settings, TrainingSettings training) {
        this.model = model;
        this.config = config;
        this.settings = settings;
        this.training = training;
    }

    public void listener(Consumer<SearchStep> listener) {
        listeners.add(listener);
    }

    /** Hears of the search as of any training: it may keep the search's state, and end it with the ranks so far. */
    public void loopListener(TrainingListener listener) {
        loopListeners.add(listener);
    }

    /**
     * Searches. Afterwards the model is what it was, bit for bit, its head included.
     *
     * @return the configuration with the ranks found, for exactly the modules that have some
     * @throws InputException if a target cannot have a selection, scores fit no module, or no module is left
     * @throws IllegalArgumentException if there are fewer than two examples, or they are for another task
     * @throws dev.lorikeet.transformer.training.DivergedException if a loss is no longer finite
     * @throws IllegalStateException if this has run before, or a targeted layer has an adapter already
     */
    public LoraConfig run(Examples<X, Y> train) {
        return run(EncodedDataset.of(model, train));
    }

    /** As {@link #run(Examples)}, of examples that are encoded for the model. */
    public LoraConfig run(EncodedDataset train) {
        return run(null, train);
    }

    /**
     * Goes on with a search from where it was: what it finds is the same as if it had never been interrupted.
     *
     * @param from by {@link TrainingListener#endsAfter} of a search with the same settings and data
     * @throws IllegalArgumentException as {@link #run}, or if the state is that of another search
     */
    public LoraConfig resume(TrainState from, Examples<X, Y> train) {
        return resume(from, EncodedDataset.of(model, train));
    }

    /** As {@link #resume(TrainState, Examples)}, of examples that are encoded for the model. */
    public LoraConfig resume(TrainState from, EncodedDataset train) {
        return run(from, train);
    }

    private LoraConfig run(@Nullable TrainState from, EncodedDataset all) {
        if (!selections.isEmpty()) {
            throw new IllegalStateException("autolora: a search runs once");
        }
        if (all.size() < 2) {
            throw new IllegalArgumentException("autolora: " + all.size() + " examples cannot be split in two");
        }
        int[] order = Random.permutation(all.size(), Random.key(training.seed(), "split"));
        int first = Math.clamp(Math.round(settings.trainingShare() * all.size()), 1, all.size() - 1);
        EncodedDataset inner = all.select(Arrays.copyOf(order, first)).weighted(training);
        EncodedDataset outer = all.select(Arrays.copyOfRange(order, first, order.length));
        Map<Parameter, Tensor> head = new LinkedHashMap<>();
        Map<Parameter, Boolean> trained = new LinkedHashMap<>();
        model.head().namedParameters().values().forEach(parameter -> {
            head.put(parameter, parameter.value().copy());
            trained.put(parameter, parameter.requiresGradient());
        });
        LoraAdapter adapter = Lora.attach(model, config, training.seed(), this::gate);
        try {
            requireScoresOfModules();
            if (model.peftRoot() != model) {
                model.head().unfreeze();
            }
            model.backbone().gradientCheckpointing(training.gradientCheckpointing());
            search(from, inner, outer);
            validation = outer.evaluate(training.batchSize(), workspace);
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

    private void search(@Nullable TrainState from, EncodedDataset inner, EncodedDataset outer) {
        TrainingSettings own = training.withEpochs(settings.epochs()).with(TrainingSettings.MAX_STEPS, 0)
                .with(TrainingSettings.ACCUMULATION, 1).withoutEvaluation();
        Draws draws = Draws.of(training.seed(), "training");
        int total = new Batches(inner, own, draws).course().steps();
        if (!own.trains(total)) { // B would stay 0, and all ranks alike
            throw new InputException(
                    "autolora: the rate is 0 in every step of the search (" + total + "): a warm-up begins "
                            + "with 0; more epochs or no warm-up help");
        }
        OptimizerPlan plan = OptimizerPlan.of(training);
        Bilevel bilevel = new Bilevel(model.compute(), plan.rule(), plan.groups().apply(model), plan.clipNorm(),
                SELECTION_RULE,
                new ParameterGroup(selections, settings.selectionRate(), 0), settings.secondOrder(),
                settings.rollBack());
        new TrainingLoop(inner, own, draws, new Turns(bilevel, outer, own, total),
                new LocalGradients(model.compute(), workspace), loopListeners).run(from, null);
    }

    /** An update of the adapters on one part of the examples by one of the selection on the other. */
    private final class Turns implements Update {
        private final Bilevel bilevel;
        private final EncodedDataset outer;
        private final int total;
        /** As many as there are steps: the examples in a random order, and then again in another. */
        private final Batches batches;

        private Turns(Bilevel bilevel, EncodedDataset outer, TrainingSettings own, int total) {
            this.bilevel = bilevel;
            this.outer = outer;
            this.total = total;
            this.batches = new Batches(outer, own.with(TrainingSettings.MAX_STEPS, total),
                    Draws.of(training.seed(), "validation"));
        }

        @Override
        public Report run(Gradients gradients, Trainable inner, List<MicroBatch> parts, int step, double factor) {
            Bilevel.Result result = bilevel.step(gradients, new Bilevel.Side(inner, parts), new Bilevel.Side(outer,
                    batches.of(step)), factor, 1);
            note(result, step - 1);
            SearchStep done = new SearchStep(step, total, result.trainingLoss(), result.validationLoss(),
                    result.seconds());
            listeners.forEach(listener -> listener.accept(done));
            return new Report(result.trainingLoss(), result.gradientNorm());
        }

        @Override
        public Map<String, OptimizerState> state() {
            Map<String, OptimizerState> state = new LinkedHashMap<>(bilevel.state());
            state.put(FOUND, new OptimizerState(steps, found()));
            return state;
        }

        @Override
        public void restore(Map<String, OptimizerState> state) {
            OptimizerState found = state.get(FOUND);
            if (found == null || !found.tensors().keySet().equals(found().keySet())) {
                throw new IllegalArgumentException("autolora: the state is that of another search");
            }
            bilevel.restore(state);
            restoreFound(found);
        }
    }

    /** What the search knows beside W and the optimizers' state: β by module, the ranks' history, passes and times. */
    private Map<String, Tensor> found() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        selections.forEach((path, beta) -> all.put(path + BETA, beta.value().copy()));
        all.put(HISTORY, RankHistory.toTensor(history, List.copyOf(selections.keySet())));
        all.put(COSTS, Tensor.of(new float[] {passes, (float) seconds, (float) plainSeconds}, 3));
        return all;
    }

    private void restoreFound(OptimizerState found) {
        Map<String, Tensor> tensors = found.tensors();
        selections.forEach((path, beta) -> beta.set(Objects.requireNonNull(tensors.get(path + BETA), path)));
        history.addAll(RankHistory.of(Objects.requireNonNull(tensors.get(HISTORY)),
                List.copyOf(selections.keySet())));
        Tensor costs = Objects.requireNonNull(tensors.get(COSTS));
        steps = found.steps();
        passes = (long) costs.get(0);
        seconds = costs.get(1);
        plainSeconds = costs.get(2);
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
