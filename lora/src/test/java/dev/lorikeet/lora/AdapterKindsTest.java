package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Backbone;
import dev.lorikeet.transformer.model.BertModel;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the recorded adapters do not show: how the kinds of adapters begin, and what a merge says. */
class AdapterKindsTest {
    private static final String QUERY = "encoder.layer.1.attention.self.query";

    @TempDir
    Path directory;
    private BertModel model;

    @BeforeEach
    void load() {
        model = TinyBert.load(directory, 1);
    }

    private float[] hidden() {
        return TinyBert.hidden(model).toArray();
    }

    /** One step on the sum of the hidden states, with the gradients as they were. */
    private Map<String, float[]> gradients() {
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace(), 5)) {
            Tensor ones = Tensor.zeros(TinyBert.BATCH.rows(), 16);
            ones.fill(0.01f);
            ones.data()[3] = 1f;
            tape.backward(Losses.weightedSum(tape, model.forward(tape, TinyBert.BATCH), ones));
        }
        Map<String, float[]> gradients = new LinkedHashMap<>();
        model.namedParameters().forEach((path, parameter) -> {
            if (parameter.requiresGradient()) {
                gradients.put(path, parameter.gradientOrThrow().toArray());
                parameter.clearGradient();
            }
        });
        return gradients;
    }

    @Test
    void everyKindBeginsWithoutEffect() {
        float[] base = hidden();
        LoraConfigBuilder builder = LoraConfig.lora().targets("query", "word_embeddings").bias(Bias.ALL)
                .trainableTokens("position_embeddings", List.of(2, 1));
        Lora.attach(model, builder.build(), 3).detach();
        Lora.attach(model, builder.loraBias(true).build(), 3);
        assertThat(hidden()).isEqualTo(base);
    }

    @Test
    void doraBeginsWithTheLengthsOfTheWeights() {
        float[] base = hidden();
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().targets("query", "word_embeddings").dora(true)
                .build(), 3);
        assertThat(hidden()).containsExactly(base, within(1e-5f));
        Parameter magnitude = adapter.namedParameters().get(QUERY + ".lora_magnitude_vector");
        Tensor weight = ((Linear) model.find(QUERY)).weight().value();
        double squares = 0;
        for (int j = 0; j < 16; j++) {
            squares += (double) weight.get(4, j) * weight.get(4, j);
        }
        assertThat((double) magnitude.value().get(4)).isCloseTo(Math.sqrt(squares), within(1e-6));
    }

    /** What a frozen adapter remembers of its weights does not outlive them. */
    @Test
    void doraForgetsLengthsWhenWeightsChange() {
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().targets("query").dora(true).build(), 3);
        adapter.freeze();
        hidden();
        adapter.unfreeze();
        adapter.namedParameters().get(QUERY + ".lora_B.weight").value().fill(0.1f);
        float[] trained = hidden();
        adapter.freeze();
        assertThat(hidden()).isEqualTo(trained);
    }

    /** PEFT gives both products the x after dropout, and changes what the base has from x by the difference. */
    @Test
    void doraTrainsWithDropout() {
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().targets("query").dora(true).dropout(0.5).build(), 3);
        adapter.namedParameters().get(QUERY + ".lora_B.weight").value().fill(0.1f);
        Map<String, float[]> gradients = gradients();
        assertThat(gradients).hasSize(9);
        gradients.forEach((path, gradient) -> assertThat(gradient).as(path).doesNotContain(Float.NaN));
        assertThat(gradients.get(QUERY + ".lora_magnitude_vector")).isNotEqualTo(new float[16]);
        assertThat(gradients()).as("the same draws").containsAllEntriesOf(gradients);
    }

    @ParameterizedTest
    @EnumSource(value = WeightFormat.class, names = {"BF16", "INT8"})
    void gradientsFlowThroughANarrowBase(WeightFormat format) {
        float[] exact = hidden();
        Lora.attach(model, LoraConfig.lora().targets("all-linear").build(), 3);
        Map<String, float[]> wide = gradients();
        float[] decoded = decoded(format);
        model = (BertModel) Model.load(directory, new LoadOptions(format)).backbone();
        float[] base = hidden();
        assertThat(base).isNotEqualTo(exact).containsExactly(exact, within(0.1f));
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().targets("all-linear").build(), 3);
        assertThat(hidden()).isEqualTo(base);
        Map<String, float[]> narrow = gradients();
        assertThat(narrow.keySet()).isEqualTo(wide.keySet());
        double dot = 0;
        double lengths = 0;
        double other = 0;
        for (String path : wide.keySet()) {
            for (int i = 0; i < wide.get(path).length; i++) {
                dot += (double) wide.get(path)[i] * narrow.get(path)[i];
                lengths += (double) wide.get(path)[i] * wide.get(path)[i];
                other += (double) narrow.get(path)[i] * narrow.get(path)[i];
            }
        }
        assertThat(dot / Math.sqrt(lengths * other)).as("cosine of the gradients").isGreaterThan(0.99);
        adapter.merge();
        assertThat(hidden()).as("merged with nothing, and in float32").isEqualTo(decoded);
        adapter.unmerge();
        assertThat(hidden()).isEqualTo(base);
        adapter.detach();
        assertThat(hidden()).isEqualTo(base);
    }

    /** What the rounded weights give in float32. */
    private float[] decoded(WeightFormat format) {
        model = (BertModel) Model.load(directory, new LoadOptions(format)).backbone();
        hidden();
        model.unfreeze();
        model.freeze();
        return hidden();
    }

    /** What is trained whole, or has a part of its own taken out, is float32 for that long. */
    @Test
    void aNarrowWeightIsFloat32WhileAnotherOneStandsInForIt() {
        float[] decoded = decoded(WeightFormat.INT8);
        model = (BertModel) Model.load(directory, new LoadOptions(WeightFormat.INT8)).backbone();
        float[] base = hidden();
        List<String> all = List.of("query", "key", "value", "dense");
        LoraAdapter saved = Lora.attach(model, LoraConfig.lora().targets("query").modulesToSave("key", "value", "dense")
                .build(), 3);
        saved.freeze();
        assertThat(hidden()).isNotEqualTo(base).containsExactly(decoded, within(1e-4f));
        saved.detach();
        assertThat(hidden()).isEqualTo(base);
        LoraAdapter taken = Lora.attach(model, LoraConfig.lora().rank(2).targets(all.toArray(String[]::new))
                .initialization(new WeightInitialization.Pissa()).build(), 3);
        assertThat(hidden()).containsExactly(decoded, within(1e-5f));
        taken.detach();
        assertThat(hidden()).isEqualTo(base);
    }

    @Test
    void aMergeSaysHowMuchEachWeightChanged() {
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().rank(2).targets("query")
                .initialization(Initialization.NONE).build(), 3);
        Tensor before = ((Linear) model.find(QUERY)).weight().value().copy();
        WeightChange change = adapter.merge().get(QUERY);
        Tensor delta = adapter.layers().get(QUERY).delta(Cpu.shared());
        double squares = 0;
        double weight = 0;
        for (int i = 0; i < delta.size(); i++) {
            squares += (double) delta.data()[i] * delta.data()[i];
            weight += (double) before.data()[i] * before.data()[i];
        }
        assertThat(change.change()).isCloseTo(Math.sqrt(squares), within(1e-6));
        assertThat(change.weight()).isCloseTo(Math.sqrt(weight), within(1e-12));
        assertThat(change.relative()).isCloseTo(Math.sqrt(squares / weight), within(1e-6));
    }

    @Test
    void trainedBiasesComeBackToo() {
        float[] base = hidden();
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().targets("query").bias(Bias.LORA_ONLY).build(), 3);
        assertThat(adapter.saved().keySet()).hasSize(3).contains(QUERY + ".bias");
        adapter.saved().get(QUERY + ".bias").value().fill(2f);
        assertThat(hidden()).isNotEqualTo(base);
        adapter.detach();
        assertThat(hidden()).isEqualTo(base);
        assertThat(Lora.attach(model, LoraConfig.lora().targets("query").bias(Bias.ALL).build(), 3).saved().keySet())
                .contains("embeddings.LayerNorm.bias").allMatch(path -> path.endsWith(".bias")).hasSize(25);
    }

    /** PEFT has no field for another factor: α says it, for each rank. */
    @Test
    void aFactorOfOnesOwnIsWrittenAsAlpha() {
        LoraConfig config = LoraConfig.lora().rank(4).rankPattern("layer.1.attention.self.query", 2).targets("query")
                .scaling(Scaling.custom(0.375)).initialization(Initialization.NONE).build();
        Lora.attach(model, config, 3);
        LoraAdapter adapter = Lora.attach(TinyBert.load(directory, 1), config, 3);
        Peft.save(adapter, "base", null, directory.resolve("adapter"));
        float[] adapted = hidden();
        model = TinyBert.load(directory, 1);
        LoraAdapter read = Peft.read(model, directory.resolve("adapter")).attach();
        assertThat(hidden()).isEqualTo(adapted);
        assertThat(read.config().alpha()).isEqualTo(1.5);
        assertThat(read.layers().get(QUERY).alpha()).isEqualTo(0.75);
    }

    @Test
    void refusesRowsThatAreNotThere() {
        assertThatThrownBy(() -> Lora.attach(model, LoraConfig.lora().targets("query")
                .trainableTokens("word_embeddings", List.of(10)).build(), 3)).isInstanceOf(InputException.class)
                .hasMessage(
                        "trainableTokens (trainable_token_indices): embeddings.word_embeddings has 10 rows, none is "
                                + "10");
        assertThatThrownBy(() -> Lora.attach(model, LoraConfig.lora().targets("query")
                .trainableTokens("words", List.of(1)).build(), 3)).isInstanceOf(InputException.class)
                .hasMessageContaining("\"words\" matches no embedding");
        assertThatThrownBy(() -> Lora.attach(model, LoraConfig.lora().targets("word_embeddings")
                .trainableTokens("word_embeddings", List.of(1)).build(), 3)).isInstanceOf(InputException.class)
                .hasMessageContaining("embeddings.word_embeddings is a target too");
    }
}
