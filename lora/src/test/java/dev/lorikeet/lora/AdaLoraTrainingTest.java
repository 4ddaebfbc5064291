package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.lora.peft.Fixtures;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.lora.rank.AdaLora;
import dev.lorikeet.lora.rank.AdaLoraAllocator;
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
import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.TrainState;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingResult;
import dev.lorikeet.transformer.training.TrainingSettings;
import dev.lorikeet.transformer.training.Validation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AdaLoRA in a trainer that knows nothing of it. */
class AdaLoraTrainingTest {
    private static final Dataset<String> DATA = new Dataset<>("words", List.of(new Example<>("cat sits", 0),
            new Example<>("dog runs", 1), new Example<>("cats sits cat", 0), new Example<>("dogs runs dog", 1),
            new Example<>("cat runs", 0), new Example<>("dog sits", 1)), List.of("cat", "dog"));
    /** 10 epochs of 3 steps. */
    private static final TrainingSettings TRAINING = TrainingSettings.defaults().withEpochs(10).withBatchSize(2)
            .withRates(0.02, 0.02);
    private static final AdaLora ADALORA = AdaLora.defaults().withRanks(1, 3).withSchedule(4, 6, 2);

    @TempDir
    Path directory;
    private TaskModel<String, Integer, List<Prediction>> classifier;

    @BeforeEach
    void load() {
        TinyBert.write(directory, 1);
        classifier = TaskModel.of(Model.load(directory), Tasks.classification(DATA.labels()), 3);
    }

    private LoraAdapter attach(AdaLora settings) {
        return Lora.attach(classifier, LoraConfig.lora().alpha(16).targets("all-linear")
                .adaLora(settings).build(), 5);
    }

    private float[] logits() {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return classifier.logits(tape, TinyBert.BATCH).value().toArray();
        }
    }

    private static Tensor tensor(float[] values) {
        return Tensor.of(values, values.length);
    }

    @Test
    void aNewAdapterChangesNothing() {
        float[] before = logits();
        LoraAdapter adapter = attach(ADALORA);
        assertThat(logits()).isEqualTo(before);
        assertThat(adapter.parameterCount()).isEqualTo(adapter.layers().values().stream()
                .mapToLong(layer -> 3L * (layer.site().inputs() + layer.site().outputs() + 1)).sum());
        assertThat(adapter.layers().values()).allSatisfy(layer -> {
            assertThat(layer.scaling()).isEqualTo((float) (16 / (3 + 1e-5)));
            assertThat(layer.rank()).isEqualTo(3);
        });
    }

    @Test
    void aTrainerAllocatesByItself() {
        LoraAdapter adapter = attach(ADALORA);
        Trainer.of(classifier).settings(TRAINING).run(DATA);
        AdaLoraAllocator allocator = adapter.allocator();
        assertThat(adapter.duties()).as("each once").containsExactly(allocator);
        assertThat(allocator.ranks().values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(18);
        assertThat(allocator.ranks()).containsOnlyKeys(adapter.layers().keySet());
        assertThat(allocator.history()).isNotEmpty().isSortedAccordingTo((x, y) -> x.step() - y.step());
        assertThat(allocator.cost().steps()).isEqualTo(30);
        adapter.layers().forEach((path, layer) -> {
            Tensor lambdas = layer.gate().parameter().value();
            long left = IntStream.range(0, 3).filter(i -> lambdas.get(i, 0) != 0).count();
            assertThat(left).as(path).isEqualTo((long) allocator.ranks().get(path));
        });
    }

    /** In the middle of training a λ may have grown again since the last mask; what is saved computes the same. */
    @Test
    void whatIsSavedAtAnyTimeComputesTheSame() {
        attach(ADALORA.withSchedule(2, 6, 4));
        List<float[]> logits = new ArrayList<>();
        Trainer.of(classifier).settings(TRAINING).listener(new TrainingListener() {
            @Override
            public void epochDone(Epoch epoch) {
                classifier.save(directory.resolve("run" + epoch.epoch()));
                logits.add(logits());
            }
        }).run(DATA);
        for (int epoch = 1; epoch <= 10; epoch++) {
            classifier = TaskModel.load(directory.resolve("run" + epoch)).asClassifier();
            Fixtures.assertClose("epoch " + epoch, tensor(logits()), tensor(logits.get(epoch - 1)), 1e-5, 0);
        }
    }

    @Test
    void aRunThatCannotAllocateFails() {
        attach(ADALORA.withSchedule(0, 0, 1000));
        assertThatThrownBy(() -> Trainer.of(classifier).settings(TRAINING).run(DATA)).isInstanceOf(InputException.class)
                .hasMessageEndingWith("a run of 30 steps would never allocate ranks");
        classifier = TaskModel.of(Model.load(directory), Tasks.classification(DATA.labels()), 3);
        attach(ADALORA.withOrthogonalWeight(0).withSchedule(0, 6, 1));
        Trainer<String, Integer> still = Trainer.of(classifier).settings(TRAINING.withRates(0, 0));
        assertThatThrownBy(() -> still.run(DATA)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("all scores are alike, so no gradient has come through");
    }

    @Test
    void theSameSeedGivesTheSameRanksAndLogits() {
        LoraAdapter first = attach(ADALORA);
        Trainer.of(classifier).settings(TRAINING).run(DATA);
        float[] logits = logits();
        load();
        LoraAdapter second = attach(ADALORA);
        Trainer.of(classifier).settings(TRAINING).run(DATA);
        assertThat(logits()).isEqualTo(logits);
        assertThat(second.allocator().history()).isEqualTo(first.allocator().history());
    }

    /** Before, between and after the masks; with dropout, whose numbers are those of the step. */
    @Test
    void anInterruptedRunGoesOnWithTheSameBits() {
        LoraConfig config = LoraConfig.rslora().alpha(16).dropout(0.2).targets("all-linear").adaLora(ADALORA).build();
        LoraAdapter adapter = Lora.attach(classifier, config, 5);
        Trainer.of(classifier).settings(TRAINING).run(DATA);
        float[] whole = logits();
        for (int after : new int[] {2, 9, 26}) {
            AtomicReference<TrainState> state = new AtomicReference<>();
            load();
            Lora.attach(classifier, config, 5);
            Trainer.of(classifier).settings(TRAINING).listener(new TrainingListener() {
                @Override
                public boolean endsAfter(Step step, Supplier<TrainState> now) {
                    if (step.step() == after) {
                        state.set(now.get());
                    }
                    return step.step() == after;
                }
            }).run(DATA);
            assertThat(logits()).isNotEqualTo(whole);
            load();
            LoraAdapter resumed = Lora.attach(classifier, config, 5);
            Trainer.of(classifier).settings(TRAINING).resume(state.get(), DATA);
            assertThat(logits()).as("after %d", after).isEqualTo(whole);
            assertThat(resumed.allocator().history()).isEqualTo(adapter.allocator().history());
            assertThat(resumed.allocator().mask()).isEqualTo(adapter.allocator().mask());
            resumed.allocator().scores().forEach((path, scores) -> assertThat(scores).as(path)
                    .isEqualTo(adapter.allocator().scores().get(path)));
        }
    }

    /** The last mask is drawn in step 24, counted from 0: with 25 updates the model is what it stays. */
    @Test
    void theBestIsOneOfThoseAfterTheLastMask() {
        LoraAdapter adapter = attach(ADALORA);
        Map<Integer, float[]> after = new LinkedHashMap<>();
        AtomicReference<TrainState> state = new AtomicReference<>();
        TrainingResult result = best().listener(new TrainingListener() {
            @Override
            public void stepDone(Step step) {
                after.put(step.step(), logits());
            }

            @Override
            public boolean endsAfter(Step step, Supplier<TrainState> now) {
                if (step.step() == 28) {
                    state.set(now.get());
                }
                return false;
            }
        }).run(DATA);
        assertThat(adapter.allocator().settledAfter()).isEqualTo(25);
        assertThat(result.validations()).hasSize(30);
        assertThat(result.validations().subList(0, 24)).noneMatch(Validation::best);
        assertThat(result.validations().get(24).best()).isTrue();
        assertThat(logits()).isEqualTo(after.get(result.best().step()));
        assertThat(adapter.allocator().ranks().values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(18);
        classifier.save(directory.resolve("best"));
        float[] kept = logits();
        load();
        attach(ADALORA);
        assertThat(best().resume(state.get(), DATA).validations()).extracting(Validation::best)
                .isEqualTo(result.validations().stream().map(Validation::best).toList());
        assertThat(logits()).isEqualTo(kept);
        classifier = TaskModel.load(directory.resolve("best")).asClassifier();
        Fixtures.assertClose("saved", tensor(logits()), tensor(kept), 1e-5, 0);
    }

    private Trainer<String, Integer> best() {
        return Trainer.of(classifier).settings(TRAINING).validation(DATA).keepBest().evaluateEvery(1);
    }

    /** As the first steps of the run would be, masks and all; of which nothing is left. */
    @Test
    void learningRatesAreTriedWithoutATrace() {
        LoraAdapter adapter = attach(ADALORA);
        float[] before = logits();
        assertThat(Trainer.of(classifier).settings(TRAINING).findRate(DATA, 20).trials()).hasSizeBetween(10, 20);
        assertThat(logits()).isEqualTo(before);
        assertThat(adapter.allocator().hasMasks()).isFalse();
        assertThat(adapter.allocator().settings()).isEqualTo(ADALORA);
        Trainer.of(classifier).settings(TRAINING).run(DATA);
        float[] after = logits();
        load();
        attach(ADALORA);
        Trainer.of(classifier).settings(TRAINING).run(DATA);
        assertThat(logits()).isEqualTo(after);
    }

    @Test
    void withoutALastMaskTheBestIsTheLast() {
        LoraAdapter adapter = attach(ADALORA.withSchedule(2, 0, 4));
        TrainingResult result = best().patience(1).run(DATA);
        assertThat(adapter.allocator().settledAfter()).isEqualTo(30);
        assertThat(result.best().step()).isEqualTo(30);
        load();
        attach(ADALORA);
        TrainingResult ended = best().listener(new TrainingListener() {
            @Override
            public boolean endsAfter(Step step, Supplier<TrainState> now) {
                return step.step() == 20;
            }
        }).run(DATA);
        assertThat(ended.best()).as("of a run that ended before").isNull();
        assertThat(ended.endedEarly()).isTrue();
    }

    @Test
    void becomesPlainLoraThatComputesTheSame() {
        LoraAdapter adapter = attach(ADALORA);
        Trainer.of(classifier).settings(TRAINING).run(DATA);
        float[] expected = logits();
        Map<String, Integer> ranks = new LinkedHashMap<>(adapter.allocator().ranks());
        ranks.values().removeIf(rank -> rank == 0);
        LoraAdapter plain = Lora.toPlain(adapter);
        Fixtures.assertClose("plain", tensor(logits()), tensor(expected), 1e-6, 1e-5);
        assertThat(plain.allocator()).isNull();
        assertThat(plain.layers().keySet()).isEqualTo(ranks.keySet());
        plain.layers().forEach((path, layer) -> assertThat(layer.rank()).isEqualTo(ranks.get(path)));
        Path saved = directory.resolve("plain");
        Peft.save(plain, "base", null, saved);
        plain.detach();
        LoraAdapter loaded = Peft.read(classifier.backbone(), saved).attach();
        Fixtures.assertClose("loaded", tensor(logits()), tensor(expected), 1e-6, 1e-5);
        assertThatThrownBy(() -> Lora.toPlain(loaded)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("toPlain: the adapter is plain LoRA already");
    }

    /** PEFT has no such factor for AdaLoRA, so the file has the α that makes it. */
    @Test
    void composesWithTheScalingOfRslora() {
        LoraAdapter adapter = Lora.attach(classifier, LoraConfig.rslora().alpha(16)
                .targets("query").adaLora(ADALORA.withTotalSteps(30)).initialization(Initialization.NONE).build(), 5);
        assertThat(adapter.layers().values())
                .allSatisfy(layer -> assertThat(layer.scaling()).isEqualTo((float) (16 / Math.sqrt(3))));
        float[] expected = logits();
        Path saved = directory.resolve("rs");
        Peft.save(adapter, "base", null, saved);
        adapter.detach();
        LoraAdapter loaded = Peft.read(classifier.backbone(), saved).attach();
        Fixtures.assertClose("logits", tensor(logits()), tensor(expected), 1e-5, 0);
        assertThat(loaded.config().scaling()).isEqualTo(Scaling.LORA);
        assertThat(loaded.config().adaLora()).isEqualTo(ADALORA.withTotalSteps(30));
    }

    @Test
    void refusesWhatAdaLoraDoesNotGoWith() {
        refuses(LoraConfig.lora().dora(true), "dora (use_dora): does not go with adaLora");
        refuses(LoraConfig.lora().loraBias(true), "loraBias (lora_bias): does not go with adaLora");
        refuses(LoraConfig.lora().rankPattern("query", 3), "rankPattern, alphaPattern: do not go with adaLora, which "
                + "finds ranks and has one factor");
        refuses(LoraConfig.lora().initialization(Initialization.GAUSSIAN),
                "initialization (init_lora_weights): AdaLoRA has its own, not GAUSSIAN");
        assertThatThrownBy(() -> Lora.attach(classifier,
                LoraConfig.lora().targets("word_embeddings").adaLora(ADALORA).build(), 1))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("is an embedding, AdaLoRA is for linear layers");
        assertThatThrownBy(() -> Peft.save(attach(ADALORA), "base", null, directory.resolve("early")))
                .isInstanceOf(InputException.class)
                .hasMessage("totalSteps (total_step): is not known before a run has begun, and PEFT needs it");
        assertThat(directory.resolve("early")).as("nothing of what is refused is written").doesNotExist();
    }

    private static void refuses(LoraConfigBuilder builder, String message) {
        assertThatThrownBy(() -> builder.targets("query").adaLora(ADALORA).build()).isInstanceOf(InputException.class)
                .hasMessage(message);
    }
}
