package dev.lorikeet.lora.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.lora.Gate;
import dev.lorikeet.lora.Initialization;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.Scaling;
import dev.lorikeet.lora.TinyBert;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.lora.rank.AdaLora;
import dev.lorikeet.lora.rank.RankAllocator;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Example;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.StateFile;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.TrainState;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AutoLoraSearchTest {
    private static final Dataset<String> DATA = new Dataset<>("words", List.of(new Example<>("cat sits", 0),
            new Example<>("dog runs", 1), new Example<>("cats sits cat", 0), new Example<>("dogs runs dog", 1),
            new Example<>("cat runs", 0), new Example<>("dog sits", 1), new Example<>("cats runs", 0),
            new Example<>("dogs sits", 1)), List.of("cat", "dog"));
    private static final TrainingSettings TRAINING = TrainingSettings.defaults().withEpochs(2).withBatchSize(2)
            .withRates(0.02, 0.02);
    /** 3 epochs of 2 steps. */
    private static final AutoLora AUTOLORA = AutoLora.defaults().withSelectionRate(0.05);
    private static final String QUERY = "encoder.layer.0.attention.self.query";

    @TempDir
    Path directory;
    private TaskModel<String, Integer, List<Prediction>> classifier;

    @BeforeEach
    void load() {
        TinyBert.write(directory, 1);
        classifier = TaskModel.of(Model.load(directory), Tasks.classification(DATA.labels()), 3);
    }

    private AutoLoraSearch<String, Integer> search(AutoLora settings, String... targets) {
        return new AutoLoraSearch<>(classifier,
                LoraConfig.rslora().rank(4).alpha(8).dropout(0.1).targets(targets).build(),
                settings, TRAINING);
    }

    private float[] logits() {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return classifier.logits(tape, TinyBert.BATCH).value().toArray();
        }
    }

    @Test
    void findsRanksAndLeavesTheClassifierAsItWas() {
        float[] before = logits();
        AutoLoraSearch<String, Integer> search = search(AUTOLORA, "query", "value");
        List<AutoLoraSearch.SearchStep> steps = new ArrayList<>();
        search.listener(steps::add);
        LoraConfig found = search.run(DATA);
        assertThat(logits()).isEqualTo(before);
        assertThat(classifier.head().trainableCount() + classifier.backbone().trainableCount()).isZero();
        assertThat(steps).hasSize(6).allSatisfy(step -> assertThat(step.validationLoss()).isPositive());
        assertThat(search.ranks().values()).hasSize(6).allMatch(rank -> rank >= 1 && rank <= 4).contains(2);
        assertThat(search.history()).isNotEmpty().last().extracting(RankAllocator.RanksAt::ranks)
                .isEqualTo(search.ranks());
        assertThat(search.validation().confusionOrThrow().total()).isEqualTo(4);
        assertThat(found.scaling()).isEqualTo(Scaling.RSLORA);
        LoraAdapter adapter = Lora.attach(classifier, found, 1);
        Map<String, Integer> ranks = new LinkedHashMap<>();
        adapter.layers().forEach((path, layer) -> ranks.put(path, layer.rank()));
        assertThat(ranks).isEqualTo(search.ranks());
        assertThatThrownBy(() -> search.run(DATA)).isInstanceOf(IllegalStateException.class)
                .hasMessage("autolora: a search runs once");
    }

    /** In an epoch, at the end of one, and after the last step. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 6})
    void anInterruptedSearchGoesOnToTheSameBits(int after) {
        AutoLoraSearch<String, Integer> whole = search(AUTOLORA, "query", "value");
        LoraConfig found = whole.run(DATA);
        AtomicReference<TrainState> state = new AtomicReference<>();
        AutoLoraSearch<String, Integer> begun = search(AUTOLORA, "query", "value");
        begun.loopListener(new TrainingListener() {
            @Override
            public boolean endsAfter(Step step, Supplier<TrainState> now) {
                if (step.step() == after) {
                    state.set(now.get());
                }
                return step.step() == after;
            }
        });
        begun.run(DATA);
        Path file = directory.resolve("state");
        StateFile.write(file, state.get(), Map.of());
        load();
        AutoLoraSearch<String, Integer> resumed = search(AUTOLORA, "query", "value");
        List<Integer> steps = new ArrayList<>();
        resumed.listener(step -> steps.add(step.step()));
        assertThat(resumed.resume(StateFile.read(file).state(), DATA)).isEqualTo(found);
        assertThat(steps).isEqualTo(IntStream.rangeClosed(after + 1, 6).boxed().toList());
        assertThat(resumed.history()).isEqualTo(whole.history());
        assertThat(resumed.cost().steps()).isEqualTo(6);
        assertThat(resumed.cost().extraPasses()).isEqualTo(whole.cost().extraPasses());
        assertThat(resumed.validation().loss()).isEqualTo(whole.validation().loss());
        whole.selections().forEach((path, beta) -> assertThat(resumed.selections().get(path).toArray()).as(path)
                .isEqualTo(beta.toArray()));
        assertThatThrownBy(() -> search(AUTOLORA, "query").resume(state.get(), DATA))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("state is that of");
    }

    @Test
    void theFoundRanksTrainAndAreReadFromPeftsFiles() {
        AutoLoraSearch<String, Integer> search = search(AUTOLORA, "all-linear");
        LoraAdapter adapter = Lora.attach(classifier, search.run(DATA), 1);
        Trainer.of(classifier).settings(TRAINING).run(DATA);
        float[] trained = logits();
        Peft.save(adapter, "base", null, directory.resolve("adapter"));
        adapter.detach();
        LoraAdapter loaded = Peft.read(classifier.backbone(), directory.resolve("adapter")).attach();
        assertThat(logits()).isEqualTo(trained);
        loaded.layers().forEach((path, layer) -> assertThat(layer.rank()).isEqualTo(search.ranks().get(path)));
    }

    @Test
    void theSameSeedFindsTheSame() {
        AutoLoraSearch<String, Integer> first = search(AUTOLORA, "query");
        first.run(DATA);
        AutoLoraSearch<String, Integer> second = search(AUTOLORA, "query");
        second.run(DATA);
        assertThat(second.history()).isEqualTo(first.history());
        first.selections().forEach((path, beta) -> assertThat(second.selections().get(path).toArray()).as(path)
                .isEqualTo(beta.toArray()).isNotEqualTo(new float[4]));
    }

    @ParameterizedTest
    @CsvSource({"NONE, false, 1", "INNER_RATE, false, 3", "ONE, false, 3", "ONE, true, 4"})
    void tellsWhatItCosts(SecondOrder secondOrder, boolean rollBack, int extra) {
        AutoLoraSearch<String, Integer> search = search(
                AUTOLORA.withSecondOrder(secondOrder, rollBack).withTrainingShare(0.7), "query");
        search.run(DATA);
        RankAllocator.Cost cost = search.cost();
        assertThat(cost.steps()).isEqualTo(9); // 6 of 8 examples, in 3 epochs
        assertThat(cost.extraPasses()).isEqualTo(9L * extra);
        assertThat(cost.extraSeconds()).isPositive().isLessThan(search.seconds());
        assertThat(search.validation().confusionOrThrow().total()).isEqualTo(2);
    }

    /** With a rate of 0 the ranks are those of the scores it starts from. */
    @Test
    void startsFromScores() {
        Map<String, float[]> scores = Map.of(QUERY, new float[] {1, 0, 4, 3});
        AutoLoraSearch<String, Integer> search = search(AUTOLORA.withSelectionRate(0).withScores(scores), "query");
        search.run(DATA);
        assertThat(search.ranks()).containsEntry(QUERY, 2).hasSize(3);
        search.ranks().forEach((path, rank) -> assertThat(rank).isEqualTo(path.equals(QUERY) ? 2 : 4));
        assertThatThrownBy(() -> search(AUTOLORA.withScores(Map.of(QUERY, new float[3])), "query").run(DATA))
                .isInstanceOf(InputException.class)
                .hasMessage("autolora: scores." + QUERY + ": 4 are expected, not 3");
        assertThatThrownBy(() -> search(AUTOLORA.withScores(scores), "key").run(DATA))
                .isInstanceOf(InputException.class)
                .hasMessage("autolora: scores." + QUERY + ": is no module with an adapter");
        assertThat(classifier.backbone().namedParameters().keySet())
                .noneMatch(path -> path.contains("lora_"));
    }

    /** Where modules may lose all of their terms, some do, and get no adapter. */
    @Test
    void selectsLayers() {
        AutoLora settings = AUTOLORA.withSelection(Selection.SIGMOID, true).withEpochs(10);
        AutoLoraSearch<String, Integer> search = search(settings, "all-linear");
        LoraConfig found = search.run(DATA);
        assertThat(search.ranks().values()).contains(0).anyMatch(rank -> rank > 0);
        LoraAdapter adapter = Lora.attach(classifier, found, 1);
        Map<String, Integer> left = new LinkedHashMap<>(search.ranks());
        left.values().removeIf(rank -> rank == 0);
        assertThat(adapter.layers().keySet()).isEqualTo(left.keySet());
        AutoLoraSearch<String, Integer> keeping = search(
                AUTOLORA.withSelection(Selection.SIGMOID, false).withEpochs(10), "all-linear");
        adapter.detach();
        keeping.run(DATA);
        assertThat(keeping.ranks().values()).doesNotContain(0).contains(1);
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> AutoLora.defaults().withSelection(Selection.SOFTMAX, true))
                .isInstanceOf(InputException.class).hasMessage(
                        "autolora: layerSelection: needs the selection SIGMOID, since under SOFTMAX each module "
                                + "keeps a term");
        assertThatThrownBy(() -> AutoLora.defaults().withTrainingShare(1)).isInstanceOf(InputException.class)
                .hasMessage("autolora: trainingShare: must be in (0, 1), not 1.0");
        assertThatThrownBy(() -> AutoLora.defaults().withEpochs(0)).isInstanceOf(InputException.class)
                .hasMessage("autolora: epochs: must be at least 1, not 0");
        assertThatThrownBy(() -> AutoLora.defaults().withSelectionRate(-1)).isInstanceOf(InputException.class)
                .hasMessage("autolora: selectionRate: must be at least 0, not -1.0");
        assertThatThrownBy(() -> AutoLora.defaults().withScores(Map.of("m", new float[] {Float.NaN})))
                .isInstanceOf(InputException.class).hasMessage("autolora: scores.m: must be at least 0, not NaN");
        assertThatThrownBy(() -> search(AUTOLORA, "word_embeddings").run(DATA)).isInstanceOf(InputException.class)
                .hasMessageEndingWith("embeddings.word_embeddings is an embedding, gates are for linear layers");
        assertThatThrownBy(() -> search(AUTOLORA, "query").run(DATA.first(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("autolora: 1 examples cannot be split in two");
        LoraConfig adaptive = LoraConfig.lora().targets("query").adaLora(AdaLora.defaults()).build();
        assertThatThrownBy(() -> new AutoLoraSearch<>(classifier, adaptive, AUTOLORA, TRAINING).run(DATA))
                .isInstanceOf(InputException.class).hasMessageEndingWith("query has AdaLoRA's gate already");
    }

    /** The gradient of a gate through the whole model, beside differences. */
    @ParameterizedTest
    @CsvSource({"false", "true"})
    void gatesHaveTheGradientOfDifferences(boolean dora) {
        Parameter g = new Parameter(Tensor.of(new float[] {0.5f, -1, 2}, 3, 1));
        g.unfreeze();
        Gate gate = new Gate() {
            @Override
            public Variable value(Tape tape) {
                return g;
            }

            @Override
            public Parameter parameter() {
                return g;
            }
        };
        Lora.attach(classifier.backbone(), LoraConfig.lora().rank(3).alpha(3).targets("layer.1.output.dense")
                .dora(dora).initialization(Initialization.NONE).build(), 5, _ -> gate);
        int[] labels = {0, 1};
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            tape.backward(Losses.crossEntropy(tape, classifier.logits(tape, TinyBert.BATCH), labels));
        }
        float[] gradient = g.gradientOrThrow().toArray();
        if (dora) { // whose lengths are constants of the backward pass, so that differences are something else
            assertThat(gradient).doesNotContain(0f);
            return;
        }
        for (int i = 0; i < 3; i++) {
            float before = g.value().data()[i];
            double[] losses = new double[2];
            for (int side = 0; side < 2; side++) {
                g.value().data()[i] = before + (side == 0 ? -0x1p-5f : 0x1p-5f);
                try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
                    losses[side] = Losses.crossEntropy(tape, classifier.logits(tape, TinyBert.BATCH), labels).item();
                }
            }
            g.value().data()[i] = before;
            assertThat((double) gradient[i]).isCloseTo((losses[1] - losses[0]) * 0x1p4, Offset.offset(2e-4));
        }
    }
}
