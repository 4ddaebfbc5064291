package dev.lorikeet.lora.search;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.TrainingDuty;
import dev.lorikeet.autograd.optim.Clipping;
import dev.lorikeet.autograd.optim.Optimizer;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.autograd.optim.Schedule;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.PretrainedModel;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;

/**
 * Sequences of tokens on a Llama. There is no trainer for language models, so that both loops stand here, as
 * {@link dev.lorikeet.transformer.training.Trainer} and {@link AutoLoraSearch} have them: the same order of the
 * examples, keys and schedule.
 */
record GoldenLanguageModel(PretrainedModel model, List<int[]> sequences) implements GoldenTask {
    private static final int SEQUENCES = 20;

    /** Reads what {@link GoldenModels#writeLlama} wrote. */
    static GoldenLanguageModel load(Path directory) {
        return new GoldenLanguageModel(PretrainedModel.load(directory), IntStream.range(0, SEQUENCES)
                .mapToObj(s -> IntStream.range(0, 2 + s * 7 % 11).map(i -> (s + i * (1 + s % 3)) % 10).toArray())
                .toList());
    }

    @Override
    public Module backbone() {
        return model;
    }

    @Override
    public List<Module> parts() {
        return List.of(model);
    }

    private Variable loss(Tape tape, int[] which) {
        Batch batch = Batch.of(Arrays.stream(which).mapToObj(sequences::get).toList());
        return model.loss(tape, model.forward(tape, batch), batch, batch.ids());
    }

    private List<ParameterGroup> groups(TrainingSettings training) {
        return ParameterGroup.split(ParameterGroup.trained("", model), training.adapterRate(), training.weightDecay());
    }

    private static Schedule schedule(TrainingSettings training, int steps) {
        return training.schedule().of(Schedule.warmup(training.warmupRatio(), steps), steps);
    }

    /** So many batches of {@code examples}, in another random order each time they have all been seen. */
    private static List<int[]> batches(int[] examples, TrainingSettings training, String name, int firstEpoch,
            int count) {
        List<int[]> batches = new ArrayList<>();
        for (int epoch = firstEpoch; batches.size() < count; epoch++) {
            int[] order = Random.permutation(examples.length, Random.key(Random.key(training.seed(), name), epoch));
            batches.addAll(EncodedDataset.batches(Arrays.stream(order).map(i -> examples[i]).toArray(),
                    training.batchSize()));
        }
        return batches.subList(0, count);
    }

    @Override
    public void train(TrainingSettings training, DoubleConsumer losses) {
        List<ParameterGroup> groups = groups(training);
        Optimizer optimizer = new Optimizer(Rule.adamW(), groups);
        Clipping clipping = new Clipping(groups);
        model.base().gradientCheckpointing(training.gradientCheckpointing());
        int steps = training.epochs() * Math.ceilDiv(SEQUENCES, training.batchSize());
        Schedule schedule = schedule(training, steps);
        Workspace workspace = new Workspace();
        List<int[]> batches = batches(IntStream.range(0, SEQUENCES).toArray(), training, "order", 1, steps);
        optimizer.duties().forEach(duty -> duty.begin(steps));
        for (int step = 0; step < steps; step++) {
            long key = Random.key(Random.key(training.seed(), "step"), step + 1);
            try (Tape tape = Tape.training(Cpu.shared(), workspace, key)) {
                Variable loss = loss(tape, batches.get(step));
                losses.accept(loss.item());
                for (TrainingDuty duty : optimizer.duties()) {
                    Variable penalty = duty.penalty(tape);
                    loss = penalty == null ? loss : ElementOps.add(tape, loss, penalty);
                }
                tape.backward(loss);
            }
            if (training.clipNorm() > 0) {
                clipping.byNorm(training.clipNorm());
            }
            optimizer.step(schedule.factor(step));
        }
        optimizer.duties().forEach(TrainingDuty::end);
    }

    @Override
    public LoraConfig search(LoraConfig config, AutoLora settings, TrainingSettings training, Found found) {
        int[] split = Random.permutation(SEQUENCES, Random.key(training.seed(), "split"));
        int first = (int) Math.round(settings.trainingShare() * SEQUENCES);
        int steps = settings.epochs() * Math.ceilDiv(first, training.batchSize());
        Map<String, Parameter> selections = new LinkedHashMap<>();
        LoraAdapter adapter = Lora.attach(model, config, training.seed(), site -> {
            Parameter beta = new Parameter(settings.selection().start(new float[site.rank()]));
            beta.unfreeze();
            selections.put(site.path(), beta);
            return new SelectionGate(settings.selection(), beta);
        });
        Bilevel bilevel = new Bilevel(Cpu.shared(), new Workspace(), Rule.adamW(), groups(training),
                new Rule.Adam(0.5, 0.999, 1e-8), new ParameterGroup(selections, settings.selectionRate(), 0),
                settings.secondOrder(), settings.rollBack());
        List<int[]> inner = batches(Arrays.copyOf(split, first), training, "training", 0, steps);
        List<int[]> outer = batches(Arrays.copyOfRange(split, first, SEQUENCES), training, "validation", 0, steps);
        Schedule schedule = schedule(training, steps);
        for (int step = 0; step < steps; step++) {
            Bilevel.Result result = bilevel.step(task(inner.get(step), training, "training step", step),
                    task(outer.get(step), training, "validation step", step), schedule.factor(step), 1);
            found.losses(result.trainingLoss(), result.validationLoss());
        }
        adapter.detach();
        Map<String, Integer> ranks = new TreeMap<>();
        new TreeMap<>(selections).forEach((path, beta) -> {
            found.selection(path, beta.value());
            ranks.put(path, settings.selection().rank(beta.value()));
        });
        return config.withRanks(ranks);
    }

    private Bilevel.Task task(int[] which, TrainingSettings training, String name, int step) {
        return new Bilevel.Task(tape -> loss(tape, which), Random.key(Random.key(training.seed(), name), step));
    }
}
