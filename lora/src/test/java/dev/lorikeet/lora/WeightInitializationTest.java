package dev.lorikeet.lora;

import static dev.lorikeet.lora.peft.Fixtures.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.lora.WeightInitialization.FastPissa;
import dev.lorikeet.lora.WeightInitialization.Mica;
import dev.lorikeet.lora.WeightInitialization.Olora;
import dev.lorikeet.lora.WeightInitialization.Pissa;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.BertModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WeightInitializationTest {
    private static final String QUERY = "encoder.layer.1.attention.self.query";

    @TempDir
    Path directory;
    private BertModel model;

    @BeforeEach
    void load() {
        model = TinyBert.load(directory, 1);
    }

    static List<WeightInitialization> all() {
        return List.of(new Pissa(), new FastPissa(3), new Olora(), new Mica());
    }

    static List<WeightInitialization> changingTheBase() {
        return List.of(new Pissa(), new FastPissa(3), new Olora());
    }

    @ParameterizedTest
    @MethodSource("all")
    void theModelComputesWhatItDidAndIsTheSameBitsWithoutTheAdapter(WeightInitialization initialization) {
        Map<String, float[]> before = bits();
        float[] base = hidden();
        for (LoraConfigBuilder builder : List.of(LoraConfig.lora(), LoraConfig.rslora(),
                LoraConfig.lora().dora(initialization.trainsB()))) {
            LoraAdapter adapter = Lora.attach(model,
                    builder.rank(3).alpha(5).targets("query", "dense", "word_embeddings")
                            .rankPattern("value", 2).initialization(initialization).build(),
                    3);
            assertThat(hidden()).containsExactly(base, within(2e-5f));
            Tensor weight = model.namedParameters().get(QUERY + ".weight").value();
            if (initialization.changesBase()) {
                assertThat(weight.toArray()).isNotEqualTo(before.get(QUERY + ".weight"));
            } else {
                assertThat(weight.toArray()).isEqualTo(before.get(QUERY + ".weight"));
            }
            adapter.layers().get(QUERY).a().value().fill(0.1f);
            adapter.freeze();
            float[] moved = hidden();
            Map<String, WeightChange> changes = adapter.merge();
            assertThat(changes.get(QUERY).relative()).isGreaterThan(0.01);
            assertThat(changes.get("encoder.layer.2.output.dense").relative()).as("not moved").isLessThan(1e-6);
            assertThat(hidden()).containsExactly(moved, within(2e-5f));
            adapter.detach();
            assertThat(hidden()).isEqualTo(base);
            bits().forEach((path, value) -> assertThat(value).as(path).isEqualTo(before.get(path)));
        }
    }

    @ParameterizedTest
    @MethodSource("changingTheBase")
    void convertedItComputesTheSameOnTheUntouchedBaseAndKeepsWhatWasTrainedBeside(WeightInitialization initialization) {
        Map<String, float[]> before = bits();
        for (LoraConfigBuilder builder : List.of(LoraConfig.lora(), LoraConfig.rslora(),
                LoraConfig.lora().dora(true))) {
            LoraAdapter adapter = Lora.attach(model, builder.rank(3).alpha(5).targets("query", "word_embeddings")
                    .rankPattern("0.*query", 2).alphaPattern("1.*query", 7).modulesToSave("intermediate")
                    .bias(Bias.LORA_ONLY)
                    .initialization(initialization).build(), 3);
            float[] scales = scales(adapter);
            move(adapter);
            float[] moved = hidden();
            LoraAdapter plain = Lora.toPlain(adapter);
            assertThat(hidden()).containsExactly(moved, within(2e-5f));
            assertThat(scales(plain)).containsExactly(scales, within(1e-6f));
            assertThat(plain.config().initialization()).isEqualTo(Initialization.KAIMING);
            assertThat(plain.layers().get(QUERY).rank()).isEqualTo(6);
            assertThat(plain.layers().get(QUERY.replace('1', '0')).rank()).isEqualTo(4);
            assertThat(model.namedParameters().get(QUERY + ".weight").value().toArray())
                    .isEqualTo(before.get(QUERY + ".weight"));

            Peft.save(plain, "base", "sha256:1", directory.resolve("plain"));
            plain.detach();
            bits().forEach((path, value) -> assertThat(value).as(path).isEqualTo(before.get(path)));
            LoraAdapter loaded = Peft.read(model, directory.resolve("plain")).attach();
            assertThat(hidden()).containsExactly(moved, within(2e-5f));
            LoraWeights weights = loaded.weights();
            assertThat(weights.toPlain()).isSameAs(weights);
            loaded.detach();
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void savedAsItIsItFindsItsWeightsAgain(WeightInitialization initialization) {
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().rank(3).targets("query", "value")
                .initialization(initialization).build(), 3);
        move(adapter);
        float[] moved = hidden();
        Peft.save(adapter, "base", "sha256:1", directory.resolve("whole"));
        adapter.detach();
        LoraAdapter loaded = Peft.read(model, directory.resolve("whole")).attach();
        assertThat(hidden()).isEqualTo(moved);
        assertThat(loaded.config()).isEqualTo(adapter.config());
    }

    @Test
    void whatDoesNotComeFromThisBaseIsRefused() {
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().rank(3).targets("query").initialization(new Pissa())
                .build(), 3);
        Peft.save(adapter, "base", null, directory.resolve("whole"));
        BertModel other = TinyBert.load(directory, 2);
        assertThatThrownBy(() -> Peft.load(other, directory.resolve("whole"))).isInstanceOf(InputException.class)
                .hasMessageContainingAll("adapter_config.json", "init_lora_weights", "of what pissa takes",
                        "another base");
        assertThat(other.namedParameters().keySet()).noneMatch(path -> path.contains("lora_"));
    }

    @Test
    void inASetThatServesItIsConverted() {
        LoraAdapter adapter = Lora.attach(model, LoraConfig.rslora().rank(3).targets("query", "value").initialization(
                new Pissa()).build(), 3);
        move(adapter);
        float[] moved = hidden();
        LoraWeights weights = adapter.weights();
        adapter.detach();
        float[] base = hidden();
        AdapterSet set = AdapterSet.on(model);
        set.add("principal", weights);
        set.use("principal");
        assertThat(hidden()).containsExactly(moved, within(2e-5f));
        set.use();
        assertThat(hidden()).isEqualTo(base);
    }

    @Test
    void micaKeepsB() {
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().rank(3).targets("query").initialization(new Mica())
                .build(), 3);
        assertThat(adapter.namedParameters()).hasSize(6);
        assertThat(adapter.parameters().values()).hasSize(3).allMatch(parameter -> parameter.value().dim(0) == 3);
        assertThat(adapter.parameterCount()).isEqualTo(model.trainableCount()).isEqualTo(3 * 3 * 16);
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace(), 5)) {
            Tensor ones = Tensor.zeros(TinyBert.BATCH.rows(), 16);
            ones.data()[3] = 1f;
            tape.backward(Losses.weightedSum(tape, model.forward(tape, TinyBert.BATCH), ones));
        }
        for (Parameter trained : adapter.parameters().values()) {
            assertThat(trained.gradientOrThrow().toArray()).isNotEqualTo(new float[48]);
        }
        assertThatThrownBy(() -> LoraFa.plan(adapter, 1, 0, 0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mica");
    }

    @Test
    void doraWithMicaIsRefusedAsInPeft() {
        assertThatThrownBy(() -> LoraConfig.lora().targets("query").dora(true).initialization(new Mica()).build())
                .hasMessage("dora (use_dora): does not go with the initialization mica");
    }

    @Test
    void aRankBeyondTheSingularValuesIsRefused() {
        for (WeightInitialization initialization : all()) {
            assertThatThrownBy(() -> Lora.attach(model, LoraConfig.lora().rank(17).targets("query").initialization(
                    initialization).build(), 1)).isInstanceOf(InputException.class)
                    .hasMessageContaining("rank (r): 17 of encoder.layer.0.attention.self.query is more than the 16 "
                            + "singular values");
        }
        assertThat(model.trainableCount()).isZero();
    }

    @Test
    void aSketchOfManyIterationsIsTheDecomposition() {
        Tensor weight = model.namedParameters().get(QUERY + ".weight").value();
        Factors exact = new Pissa().of(weight, 3, 1.5f, 1);
        Factors fast = new FastPissa(30).of(weight, 3, 1.5f, 1);
        assertClose("s·B·A", fast.product(Cpu.shared(), 1.5f), exact.product(Cpu.shared(), 1.5f), 1e-5, 0);
    }

    private float[] scales(LoraAdapter adapter) {
        float[] scales = new float[adapter.layers().size()];
        int i = 0;
        for (LoraLayer layer : adapter.layers().values()) {
            scales[i++] = layer.scaling();
        }
        return scales;
    }

    /** Changes everything that is trained a little, as training does. */
    private static void move(LoraAdapter adapter) {
        for (Parameter parameter : adapter.parameters().values()) {
            float[] data = parameter.value().data();
            for (int i = 0; i < parameter.value().size(); i++) {
                data[parameter.value().offset() + i] += 0.05f * (i % 7 - 3);
            }
        }
        adapter.freeze();
    }

    private float[] hidden() {
        return TinyBert.hidden(model).toArray();
    }

    private Map<String, float[]> bits() {
        Map<String, float[]> bits = new LinkedHashMap<>();
        model.namedParameters().forEach((path, parameter) -> bits.put(path, parameter.value().toArray()));
        return bits;
    }
}
