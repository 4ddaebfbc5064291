package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Random;
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

class LoraTest {
    private static final String QUERY = "encoder.layer.%d.attention.self.query";

    @TempDir
    Path directory;
    private BertModel model;

    @BeforeEach
    void load() {
        model = TinyBert.load(directory, 1);
    }

    @Test
    void findsLayersByTheEndOfTheirPaths() {
        assertThat(targets(LoraConfig.lora().targets("query"))).containsExactly(QUERY.formatted(0), QUERY.formatted(1),
                QUERY.formatted(2));
        assertThat(targets(LoraConfig.lora().targets("output.dense", QUERY.formatted(1)))).hasSize(7);
        assertThat(targets(LoraConfig.lora().targetPattern(".*layer\\.[02].*(key|value)"))).hasSize(4);
        assertThat(targets(LoraConfig.lora().targets("all-linear"))).hasSize(18);
    }

    @Test
    void leavesOutWhatIsExcludedOrSavedOrInAnotherBlock() {
        assertThat(targets(LoraConfig.lora().targets("dense").excludes("intermediate.dense"))).hasSize(6);
        assertThat(targets(LoraConfig.lora().targets("dense").excludePattern(".*layer\\.[01]\\..*"))).hasSize(3);
        assertThat(targets(LoraConfig.lora().targets("dense").modulesToSave("intermediate"))).hasSize(6);
        assertThat(targets(LoraConfig.lora().targets("query").layersToTransform(List.of(0, 2)))).containsExactly(
                QUERY.formatted(0), QUERY.formatted(2));
        assertThat(targets(LoraConfig.lora().targets("query").layersToTransform(List.of(1))
                .layersPattern(List.of("blocks", "layer")))).containsExactly(QUERY.formatted(1));
        // PEFT: a whole path is meant whatever its block
        assertThat(targets(LoraConfig.lora().targets("query", QUERY.formatted(0)).layersToTransform(List.of(2))))
                .containsExactly(QUERY.formatted(0), QUERY.formatted(2));
    }

    @Test
    void refusesWhatMatchesNothing() {
        refused(LoraConfig.lora().targets("query", "q_proj"), "\"q_proj\" matches no layer");
        refused(LoraConfig.lora().targetPattern("query"), "\"query\" matches no layer");
        refused(LoraConfig.lora().targets("uery"), "\"uery\" matches no layer");
        refused(LoraConfig.lora().targets("query").excludes("self.query"), "matches only layers that excludes");
        refused(LoraConfig.lora().targets("query").modulesToSave("head"), "\"head\" matches no module");
        refused(LoraConfig.lora().targets("query").layersToTransform(List.of(1, 3)), "block 3, there are 0, 1, 2");
        refused(LoraConfig.lora().targets("LayerNorm"), "embeddings.LayerNorm is of the class LayerNorm");
    }

    @Test
    void startsWithoutEffectAndTrainsOnlyTheAdapter() {
        Tensor base = hidden();
        LoraAdapter adapter = Lora.attach(model,
                LoraConfig.rslora().rank(4).alpha(16).targets("query", "value").build(),
                7);
        assertThat(hidden().toArray()).isEqualTo(base.toArray());
        assertThat(adapter.parameters()).hasSize(12);
        assertThat(adapter.parameterCount()).isEqualTo(6 * 2 * 4 * 16).isEqualTo(model.trainableCount());
        assertThat(model.namedParameters()).containsKey(QUERY.formatted(0) + ".lora_A.weight");
        assertThat(adapter.layers().get(QUERY.formatted(0)).scaling()).isEqualTo(8f);
        assertThatThrownBy(() -> Lora.attach(model, LoraConfig.lora().targets("query").build(), 7))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("has an adapter already");
        adapter.detach();
        assertThat(model.trainableCount()).isZero();
        assertThat(model.namedParameters().keySet()).noneMatch(path -> path.contains("lora"));
    }

    @Test
    void givesALayerTheSameWeightsWhateverElseIsAttached() {
        LoraAdapter some = Lora.attach(model, LoraConfig.lora().targets("value").build(), 7);
        some.detach();
        LoraAdapter all = Lora.attach(model, LoraConfig.lora().targets("all-linear").build(), 7);
        all.detach();
        LoraAdapter other = Lora.attach(model, LoraConfig.lora().targets("value").build(), 8);
        some.layers().forEach((path, layer) -> {
            float[] a = layer.a().value().toArray();
            assertThat(all.layers().get(path).a().value().toArray()).as(path).isEqualTo(a);
            assertThat(other.layers().get(path).a().value().toArray()).as(path).isNotEqualTo(a);
        });
    }

    @Test
    void mergesAndComesBackToTheSameBits() {
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().rank(3).alpha(5).targets("all-linear")
                .initialization(Initialization.NONE).build(), 7);
        Map<String, float[]> before = bits();
        Tensor adapted = hidden();
        adapter.merge();
        assertThat(adapter.merged()).isTrue();
        Tensor merged = hidden();
        for (int i = 0; i < merged.size(); i++) {
            assertThat(merged.data()[i]).isCloseTo(adapted.data()[i], org.assertj.core.data.Offset.offset(2e-5f));
        }
        LoraLayer layer = adapter.layers().get(QUERY.formatted(1));
        double sum = 0;
        for (int k = 0; k < 3; k++) {
            sum += (double) layer.b().value().get(2, k) * layer.a().value().get(k, 5);
        }
        assertThat((double) ((LoraLinear) layer).linear().weight().value().get(2, 5)).isCloseTo(
                before.get(QUERY.formatted(1) + ".weight")[2 * 16 + 5] + 5 / 3.0 * sum,
                org.assertj.core.data.Offset.offset(1e-7));
        assertThatThrownBy(adapter::merge).isInstanceOf(IllegalStateException.class);
        adapter.unmerge();
        assertThat(hidden().toArray()).isEqualTo(adapted.toArray());
        bits().forEach((path, value) -> assertThat(value).as(path).isEqualTo(before.get(path)));
    }

    @Test
    void refusesToMergeWhatIsNotFiniteAndLeavesTheModelAsItWas() {
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().targets("query").initialization(Initialization.NONE)
                .build(), 7);
        Map<String, float[]> before = bits();
        Tensor b = adapter.layers().get(QUERY.formatted(2)).b().value();
        float good = b.data()[0];
        b.data()[0] = Float.POSITIVE_INFINITY;
        assertThatThrownBy(adapter::merge).isInstanceOf(InputException.class).hasMessageContaining("merge: " + QUERY
                .formatted(2) + ".weight");
        b.data()[0] = good;
        assertThat(adapter.merged()).isFalse();
        bits().forEach((path, value) -> assertThat(value).as(path).isEqualTo(before.get(path)));
    }

    @Test
    void dropsOtherInputsAtEachStepAndTheSameOnesAgain() {
        Lora.attach(model, LoraConfig.lora().targets("query").dropout(0.5).initialization(Initialization.NONE).build(),
                7);
        float first = loss(1);
        assertThat(loss(1)).isEqualTo(first);
        assertThat(loss(2)).isNotEqualTo(first);
    }

    @Test
    void trainsModulesToSaveAndPutsThemBack() {
        Map<String, float[]> before = bits();
        LoraAdapter adapter = Lora.attach(model,
                LoraConfig.lora().targets("query").modulesToSave("intermediate").build(),
                7);
        assertThat(adapter.saved()).hasSize(6).containsKey("encoder.layer.0.intermediate.dense.weight");
        assertThat(adapter.parameters()).hasSize(12);
        Tensor base = hidden();
        adapter.saved().values().forEach(parameter -> parameter.value().fill(0.5f));
        adapter.freeze();
        assertThat(hidden().toArray()).isNotEqualTo(base.toArray());
        adapter.detach();
        bits().forEach((path, value) -> assertThat(value).as(path).isEqualTo(before.get(path)));
        assertThat(hidden().toArray()).isEqualTo(base.toArray());
    }

    @Test
    void refusesATargetThatIsSavedWholeByTheEndOfItsName() {
        refused(LoraConfig.lora().targets("query").modulesToSave("ery"), "modulesToSave (modules_to_save): ery mean "
                + "encoder.layer.0.attention.self.query too, which ends so or is part of what does, and it is a "
                + "target");
        refused(LoraConfig.lora().targets("query").modulesToSave("uer"),
                "modulesToSave (modules_to_save): \"uer\" matches no module of the model");
    }

    private List<String> targets(LoraConfigBuilder builder) {
        return LoraPlan.of(model, builder.build()).sites().stream().map(LoraSite::path).toList();
    }

    private void refused(LoraConfigBuilder builder, String message) {
        assertThatThrownBy(() -> Lora.attach(model, builder.build(), 1)).isInstanceOf(InputException.class)
                .hasMessageContaining(message);
        assertThat(model.trainableCount()).isZero();
    }

    private Tensor hidden() {
        return TinyBert.hidden(model);
    }

    private float loss(int step) {
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace(), Random.key(3, step))) {
            Tensor weights = Tensor.zeros(TinyBert.BATCH.rows(), 16);
            Random.fillNormal(weights, 1f, 5);
            return Losses.weightedSum(tape, model.forward(tape, TinyBert.BATCH), weights).item();
        }
    }

    private Map<String, float[]> bits() {
        Map<String, float[]> bits = new LinkedHashMap<>();
        model.namedParameters().forEach((path, parameter) -> bits.put(path, parameter.value().toArray()));
        return bits;
    }
}
