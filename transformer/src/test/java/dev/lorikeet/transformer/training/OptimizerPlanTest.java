package dev.lorikeet.transformer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.optim.ParameterGroup;
import dev.lorikeet.autograd.optim.Rule;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.TinyBert;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class OptimizerPlanTest {
    private static final TrainingSettings SETTINGS = TrainingSettings.defaults().withEpochs(10).withBatchSize(3)
            .withRates(0.01, 0.03);

    private static final Path RECORDED = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "models");

    @TempDir
    private Path directory;
    private TaskModel<String, Integer, List<Prediction>> model;

    @BeforeEach
    void write() {
        TinyBert.load(directory);
        model = CatsAndDogs.fresh(directory);
    }

    private List<ParameterGroup> groups(TrainingSettings settings) {
        return OptimizerPlan.of(settings).groups().apply(model);
    }

    @Test
    void theHeadHasItsOwnRateAndVectorsDoNotDecay() {
        assertThat(groups(SETTINGS)).extracting(ParameterGroup::rate).containsExactly(0.01, 0.01, 0.03, 0.03);
        assertThat(groups(SETTINGS)).extracting(ParameterGroup::decay).containsExactly(0.01, 0.0, 0.01, 0.0);
    }

    @ParameterizedTest
    @CsvSource({"head.weight, 0.03", "head.bias, 0.03", "encoder.layer.1.output.dense.weight, 0.008",
        "encoder.layer.1.attention.output.LayerNorm.bias, 0.008", "encoder.layer.0.attention.self.key.weight, 0.0064",
        "embeddings.word_embeddings.weight, 0.00512", "embeddings.LayerNorm.weight, 0.00512"})
    void lowerLayersGoMoreSlowly(String path, double rate) {
        Map<String, Double> rates = new LinkedHashMap<>();
        groups(SETTINGS.with(TrainingSettings.LAYER_DECAY, 0.8)).forEach(group -> group.parameters().keySet()
                .forEach(name -> rates.put(name, group.rate())));
        assertThat(rates).hasSize(39);
        assertThat(rates.get(path)).isCloseTo(rate, Offset.offset(1e-15));
    }

    /** What follows the last layer has the whole rate: BERT's pooler, and GPT-2's last norm. */
    @ParameterizedTest
    @CsvSource({"bert_base, pooler.dense.weight, 1", "gpt2_lm, ln_f.weight, 1", "gpt2_lm, wpe.weight, 0.125",
        "gpt2_lm, h.0.ln_1.bias, 0.25", "gpt2_lm, h.1.mlp.c_fc.weight, 0.5", "llama, norm.weight, 1",
        "llama, embed_tokens.weight, 0.125", "llama, layers.1.mlp.up_proj.weight, 0.5"})
    void knowsTheLayersOfEveryArchitecture(String name, String path, double factor) {
        Model other = Model.load(RECORDED.resolve(name));
        assertThat(other.backbone().config().layers()).isEqualTo(2);
        Parameter parameter = other.backbone().namedParameters().get(path);
        assertThat(LayerDecay.of(other.backbone(), 0.5).applyAsDouble(parameter)).isEqualTo(factor);
    }

    @Test
    void aFactorOfOneLeavesTheGroupsAsTheyAre() {
        List<ParameterGroup> groups = groups(SETTINGS);
        assertThat(OptimizerPlan.of(SETTINGS).scaled(_ -> _ -> 1).groups().apply(model)).isEqualTo(groups);
    }

    /** Each with clipped gradients, and with rates that fall from layer to layer. */
    @ParameterizedTest
    @EnumSource(OptimizerType.class)
    void everyOptimizerLearnsAndGoesOnWithTheSameBits(OptimizerType type) {
        double rate = switch (type) {
            case SGD -> 0.1;
            case LION -> 0.005;
            default -> 0.02;
        };
        double momentum = type == OptimizerType.SGD ? 0.9 : 0;
        TrainingSettings settings = SETTINGS.withEpochs(30).withRates(rate, rate)
                .with(TrainingSettings.OPTIMIZER, type).with(TrainingSettings.MOMENTUM, momentum)
                .with(TrainingSettings.CLIP_NORM, 0.5).with(TrainingSettings.LAYER_DECAY, 0.9);
        AtomicReference<TrainState> state = new AtomicReference<>();
        TrainingResult told = Trainer.of(model).settings(settings).listener(new TrainingListener() {
            @Override
            public boolean endsAfter(Step step, Supplier<TrainState> now) {
                if (step.step() == 13) {
                    state.set(now.get());
                }
                return false;
            }
        }).run(CatsAndDogs.TRAIN);
        assertThat(told.epochs().getLast().trainLoss()).isLessThan(0.7 * told.epochs().getFirst().trainLoss());
        assertThat(told.steps()).allMatch(step -> step.gradientNorm() > 0);
        Map<String, float[]> expected = values();
        Path file = directory.resolve("state");
        StateFile.write(file, state.get(), Map.of());
        model = CatsAndDogs.fresh(directory);
        Trainer.of(model).settings(settings).resume(StateFile.read(file).state(), CatsAndDogs.TRAIN);
        values().forEach((path, value) -> assertThat(value).as(path).isEqualTo(expected.get(path)));
    }

    private Map<String, float[]> values() {
        Map<String, float[]> values = new LinkedHashMap<>();
        model.namedParameters().forEach((path, parameter) -> values.put(path, parameter.value().toArray()));
        return values;
    }

    /** Of plain gradient descent, a step is as long as its rate times the norm that is left. */
    @Test
    void aStepIsNoLongerThanClippingLeavesIt() {
        Map<String, float[]> before = values();
        TrainingSettings settings = SETTINGS.withEpochs(1).withBatchSize(7).withRates(0.5, 0.5)
                .with(TrainingSettings.OPTIMIZER, OptimizerType.SGD).with(TrainingSettings.WEIGHT_DECAY, 0.0)
                .with(TrainingSettings.SCHEDULE, ScheduleType.CONSTANT).with(TrainingSettings.CLIP_NORM, 0.01);
        assertThat(Trainer.of(model).settings(settings).run(CatsAndDogs.TRAIN).steps().getFirst().gradientNorm())
                .isGreaterThan(0.01);
        double squares = 0;
        for (Map.Entry<String, float[]> now : values().entrySet()) {
            float[] old = before.get(now.getKey());
            for (int i = 0; i < old.length; i++) {
                squares += Math.pow(now.getValue()[i] - (double) old[i], 2);
            }
        }
        assertThat(Math.sqrt(squares)).isCloseTo(0.5 * 0.01, Offset.offset(1e-5));
    }

    @Test
    void theRulesAreThoseOfPyTorchAndTransformers() {
        assertThat(OptimizerPlan.of(SETTINGS).rule()).isEqualTo(Rule.adamW());
        assertThat(OptimizerPlan.of(SETTINGS.with(TrainingSettings.OPTIMIZER, OptimizerType.SGD)
                .with(TrainingSettings.MOMENTUM, 0.9)).rule()).isEqualTo(new Rule.Sgd(0.9, false));
        assertThat(OptimizerPlan.of(SETTINGS.with(TrainingSettings.OPTIMIZER, OptimizerType.ADAFACTOR)).rule())
                .isEqualTo(new Rule.Adafactor(1e-30, 1e-3, 1, -0.8, 0, false, false, false));
    }

    @Test
    void refusesWhatIsAnotherOptimizers() {
        assertThatThrownBy(() -> OptimizerPlan.of(SETTINGS.with(TrainingSettings.MOMENTUM, 0.9)))
                .isInstanceOf(InputException.class)
                .hasMessage("training.momentum: is that of sgd, the optimizer is adamw");
    }
}
