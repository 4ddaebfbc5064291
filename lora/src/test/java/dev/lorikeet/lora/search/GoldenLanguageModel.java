package dev.lorikeet.lora.search;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.CausalLanguageModel;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.Meter;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.OptimizerPlan;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Sequences of tokens on a Llama, by the product's own trainer and search; the head is trained as all else is. */
record GoldenLanguageModel(TaskModel<int[], int[], Double> model) implements GoldenTask {
    /** A causal language model of tokens that no tokenizer made. */
    private record OfTokens() implements Task<int[], int[], Double> {
        private static final CausalLanguageModel<String> OF_TEXTS = Tasks.causalLanguageModel();

        @Override
        public String kind() {
            return "tokens";
        }

        @Override
        public Map<String, Object> settings() {
            return Map.of();
        }

        @Override
        public Encoded encode(int[] input, int @Nullable [] target, Model model) {
            return OF_TEXTS.piece(input, model);
        }

        @Override
        public Head head(Model model, long seed) {
            return OF_TEXTS.head(model, seed);
        }

        @Override
        public int count(Encoded example) {
            return OF_TEXTS.count(example);
        }

        @Override
        public Variable loss(Tape tape, Variable logits, List<Encoded> examples, double over) {
            return OF_TEXTS.loss(tape, logits, examples, over);
        }

        @Override
        public List<Double> predictions(Model model, Tensor logits, List<Encoded> examples) {
            return OF_TEXTS.predictions(model, logits, examples);
        }

        @Override
        public Meter meter() {
            return OF_TEXTS.meter();
        }
    }

    /** Each token's target is the token itself, which the task compares with the row before. */
    private record Sequences(List<int[]> all) implements Examples<int[], int[]> {
        @Override
        public String name() {
            return "sequences";
        }

        @Override
        public int size() {
            return all.size();
        }

        @Override
        public int[] input(int i) {
            return all.get(i);
        }

        @Override
        public int[] target(int i) {
            return all.get(i);
        }
    }

    private static final Sequences DATA = new Sequences(IntStream.range(0, 20)
            .mapToObj(s -> IntStream.range(0, 2 + s * 7 % 11).map(i -> (s + i * (1 + s % 3)) % 10).toArray()).toList());

    /** Reads what {@link GoldenModels#writeLlama} wrote. */
    static GoldenLanguageModel load(Path directory) {
        return new GoldenLanguageModel(TaskModel.of(Model.load(directory), new OfTokens(), 0));
    }

    @Override
    public Module backbone() {
        return model;
    }

    @Override
    public List<Module> parts() {
        return List.of(model);
    }

    @Override
    public void train(TrainingSettings training, DoubleConsumer losses) {
        OptimizerPlan plan = new OptimizerPlan(Rule.adamW(),
                all -> ParameterGroup.split(ParameterGroup.trained("", all),
                        training.adapterRate(), training.weightDecay()),
                training.clipNorm());
        Trainer.of(model).settings(training).plan(plan).listener(new TrainingListener() {
            @Override
            public void stepDone(Step step) {
                losses.accept(step.loss());
            }
        }).run(DATA);
    }

    @Override
    public LoraConfig search(LoraConfig config, AutoLora settings, TrainingSettings training, Found found) {
        AutoLoraSearch<int[], int[]> search = new AutoLoraSearch<>(model, config, settings, training);
        search.listener(step -> found.losses(step.trainingLoss(), step.validationLoss()));
        LoraConfig ranks = search.run(DATA);
        new TreeMap<>(search.selections()).forEach(found::selection);
        return ranks;
    }
}
