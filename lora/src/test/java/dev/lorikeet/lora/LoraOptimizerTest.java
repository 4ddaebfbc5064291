package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.lora.rank.AdaLora;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Example;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.settings.Settings;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.OptimizerPlan;
import dev.lorikeet.transformer.training.OptimizerType;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.TrainState;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingResult;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoraOptimizerTest {
    private static final Dataset<String> DATA = new Dataset<>("words", List.of(new Example<>("cat sits", 0),
            new Example<>("dog runs", 1), new Example<>("cats sits cat", 0), new Example<>("dogs runs dog", 1),
            new Example<>("cat runs", 0), new Example<>("dog sits", 1)), List.of("cat", "dog"));
    private static final TrainingSettings TRAINING = TrainingSettings.defaults().withEpochs(10).withBatchSize(2)
            .withRates(0.002, 0.02);
    private static final Settings NONE = Settings.of(LoraOptimizer.ALL);
    private static final Settings PLUS = NONE.with(LoraOptimizer.LORA_PLUS_RATIO, 16.0);
    private static final Settings FA = NONE.with(LoraOptimizer.LORA_FA, true);
    private static final String LAYER = "encoder.layer.1.attention.self.query.";

    @TempDir
    private Path directory;
    private TaskModel<String, Integer, List<Prediction>> model;

    @BeforeEach
    void load() {
        TinyBert.write(directory, 1);
        model = TaskModel.of(Model.load(directory), Tasks.classification(DATA.labels()), 3);
    }

    private LoraAdapter attach() {
        LoraAdapter adapter = Lora.attach(model, LoraConfig.rslora().rank(2).alpha(16).targets("all-linear").build(),
                5);
        model.head().unfreeze();
        return adapter;
    }

    private Map<String, Double> rates(OptimizerPlan plan) {
        Map<String, Double> rates = new LinkedHashMap<>();
        for (ParameterGroup group : plan.groups().apply(model)) {
            group.parameters().keySet().forEach(path -> rates.put(path, group.rate()));
        }
        return rates;
    }

    @Test
    void loraPlusIsARatioOfTheRatesThatTheSettingsHave() {
        attach();
        Map<String, Double> rates = rates(LoraOptimizer.plan(model, TRAINING, PLUS));
        assertThat(rates).hasSize(2 * 18 + 2).containsEntry("head.weight", 0.02).containsEntry("head.bias", 0.02)
                .containsEntry(LAYER + "lora_A.weight", 0.002).containsEntry(LAYER + "lora_B.weight", 0.032);
        TrainingSettings falling = TRAINING.with(TrainingSettings.LAYER_DECAY, 0.5)
                .with(TrainingSettings.OPTIMIZER, OptimizerType.LION);
        OptimizerPlan plan = LoraOptimizer.plan(model, falling, PLUS);
        assertThat(plan.rule()).isEqualTo(Rule.lion());
        assertThat(rates(plan).get(LAYER + "lora_A.weight")).isEqualTo(0.002 / 4);
        assertThat(rates(plan).get(LAYER + "lora_B.weight")).isCloseTo(0.032 / 4, Offset.offset(1e-15));
        assertThat(rates(plan)).containsEntry("head.weight", 0.02);
    }

    @Test
    void withoutAnyOfItThePlanIsThatOfAllElse() {
        attach();
        List<ParameterGroup> groups = LoraOptimizer.plan(model, TRAINING, NONE).groups().apply(model);
        assertThat(groups).isEqualTo(OptimizerPlan.of(TRAINING).groups().apply(model));
    }

    @Test
    void loraFaKeepsAAndTheHeadsRate() {
        LoraAdapter adapter = attach();
        float[] a = adapter.layers().get(LAYER.substring(0, LAYER.length() - 1)).a().value().toArray();
        OptimizerPlan plan = LoraOptimizer.plan(model, TRAINING, FA);
        assertThat(plan.rule()).isEqualTo(Rule.transformersAdamW());
        assertThat(rates(plan)).hasSize(18 + 2).containsEntry("head.weight", 0.02)
                .containsEntry(LAYER + "lora_B.weight", 0.002).doesNotContainKey(LAYER + "lora_A.weight");
        Trainer.of(model).settings(TRAINING).plan(plan).run(DATA);
        assertThat(adapter.layers().get(LAYER.substring(0, LAYER.length() - 1)).a().value().toArray()).isEqualTo(a);
    }

    /** With clipped gradients, and the best of its evaluations kept. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void learnsAndGoesOnWithTheSameBits(boolean fa) {
        attach();
        AtomicReference<TrainState> state = new AtomicReference<>();
        TrainingResult told = trainer(fa).listener(new TrainingListener() {
            @Override
            public boolean endsAfter(Step step, Supplier<TrainState> now) {
                if (step.step() == 17) {
                    state.set(now.get());
                }
                return false;
            }
        }).run(DATA);
        assertThat(told.epochs().getLast().trainLoss()).isLessThan(0.7 * told.epochs().getFirst().trainLoss());
        assertThat(told.steps()).allMatch(step -> step.gradientNorm() > 0);
        Map<String, float[]> expected = values();
        load();
        attach();
        assertThat(trainer(fa).resume(state.get(), DATA).validations())
                .extracting(validation -> validation.evaluation().loss())
                .isEqualTo(told.validations().stream().map(validation -> validation.evaluation().loss()).toList());
        values().forEach((path, value) -> assertThat(value).as(path).isEqualTo(expected.get(path)));
    }

    private Trainer<String, Integer> trainer(boolean fa) {
        TrainingSettings settings = TRAINING.with(TrainingSettings.CLIP_NORM, 0.5);
        return Trainer.of(model).settings(settings).plan(LoraOptimizer.plan(model, settings, fa ? FA : PLUS))
                .validation(DATA).keepBest();
    }

    private Map<String, float[]> values() {
        Map<String, float[]> values = new LinkedHashMap<>();
        model.namedParameters().forEach((path, parameter) -> values.put(path, parameter.value().toArray()));
        return values;
    }

    @Test
    void refusesWhatDoesNotGoTogether() {
        refused(TRAINING, PLUS, "training.lora-plus-ratio: the model has no adapter whose B is trained");
        refused(TRAINING, FA, "training.lora-fa: the model has no adapter whose B is trained");
        LoraAdapter adapter = attach();
        refused(TRAINING, FA.with(LoraOptimizer.LORA_PLUS_RATIO, 2.0),
                "training.lora-plus-ratio: does not go with lora-fa, which trains B alone");
        refused(TRAINING.with(TrainingSettings.OPTIMIZER, OptimizerType.LION), FA,
                "training.optimizer: LoRA-FA has adamw, not lion");
        adapter.detach();
        Lora.attach(model, LoraConfig.lora().targets("query").adaLora(AdaLora.defaults()).build(), 5);
        refused(TRAINING, FA, "training.lora-fa: does not go with AdaLoRA, whose A is trained");
    }

    private void refused(TrainingSettings training, Settings own, String message) {
        assertThatThrownBy(() -> LoraOptimizer.plan(model, training, own)).isInstanceOf(InputException.class)
                .hasMessage(message);
    }
}
