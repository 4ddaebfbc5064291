package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What GPT-2 and Llama have that BERT has not: weights stored as (in, out), heads of language models. */
class LoraOnDecodersTest {
    private static final Path MODELS = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "models");

    @TempDir
    Path directory;

    private static TaskModel<?, ?, ?> load(String name) {
        return TaskModel.of(Model.load(MODELS.resolve(name)));
    }

    /** A number in the configuration of a model. */
    private static int number(String name, String field) {
        return (int) Json.readObject(MODELS.resolve(name).resolve("config.json")).get(field);
    }

    private static float[] logits(TaskModel<?, ?, ?> model) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return model.logits(tape, Batch.of(List.of(new int[] {5, 6, 7}, new int[] {8}))).value().toArray();
        }
    }

    @Test
    void mergesIntoAWeightStoredTheOtherWayRound() {
        TaskModel<?, ?, ?> model = load("gpt2_lm");
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().rank(3).alpha(5).targets("all-linear")
                .initialization(Initialization.NONE).build(), 7);
        assertThat(adapter.layers()).hasSize(4 * number("gpt2_lm", "n_layer"))
                .containsKey("transformer.h.1.attn.c_attn");
        int hidden = number("gpt2_lm", "n_embd");
        LoraLayer layer = adapter.layers().get("transformer.h.0.attn.c_attn");
        assertThat(layer.a().value().shape().dims()).containsExactly(3, hidden);
        assertThat(layer.b().value().shape().dims()).containsExactly(3 * hidden, 3);
        Tensor before = ((LoraLinear) layer).linear().weight().value().copy();
        float[] adapted = logits(model);
        adapter.merge();
        assertThat(logits(model)).containsExactly(adapted, within(1e-4f));
        Tensor delta = layer.delta(Cpu.shared());
        int output = 3 * hidden - 6;
        assertThat(((LoraLinear) layer).linear().weight().value().get(3, output))
                .isEqualTo(before.get(3, output) + delta.get(output, 3));
        adapter.unmerge();
        assertThat(logits(model)).isEqualTo(adapted);
        assertThat(((LoraLinear) layer).linear().weight().value().toArray()).isEqualTo(before.toArray());
    }

    /** loralib's MergedLinear, for queries and values of GPT-2's one projection. */
    @Test
    void partsOfAFusedProjectionHaveAdaptersOfTheirOwn() {
        TaskModel<?, ?, ?> model = load("gpt2_lm");
        LoraConfig config = LoraConfig.lora().rank(2).alpha(6).targets("c_attn").fused("c_attn", List.of(true, false,
                true)).initialization(Initialization.NONE).build();
        LoraAdapter adapter = Lora.attach(model, config, 7);
        LoraLayer layer = adapter.layers().get("transformer.h.0.attn.c_attn");
        int hidden = number("gpt2_lm", "n_embd");
        assertThat(layer.a().value().shape().dims()).containsExactly(4, hidden);
        assertThat(layer.b().value().shape().dims()).containsExactly(2 * hidden, 2);
        assertThat(adapter.parameterCount())
                .isEqualTo(number("gpt2_lm", "n_layer") * (4 * hidden + 2 * hidden * 2));
        Tensor delta = layer.delta(Cpu.shared());
        for (int part = 0; part < 3; part++) {
            for (int i = 0; i < hidden; i++) {
                int row = part / 2 * hidden + i; // of B, which has no rows for the keys
                double sum = 0;
                for (int k = 0; k < 2 && part != 1; k++) {
                    sum += 3.0 * layer.b().value().get(row, k) * layer.a().value().get(part / 2 * 2 + k, 5);
                }
                assertThat((double) delta.get(part * hidden + i, 5)).isCloseTo(sum, within(1e-6));
            }
        }
        float[] adapted = logits(model);
        adapter.merge();
        assertThat(logits(model)).containsExactly(adapted, within(1e-4f));
        adapter.unmerge();
        assertThatThrownBy(() -> Peft.save(adapter, "base", null, directory)).isInstanceOf(InputException.class)
                .hasMessageStartingWith("fused: PEFT has no adapters for parts of a layer");
        LoraAdapter plain = Lora.toPlain(adapter);
        assertThat(plain.layers().get("transformer.h.0.attn.c_attn").rank()).isEqualTo(4);
        assertThat(logits(model)).containsExactly(adapted, within(1e-5f));
        Peft.save(plain, "base", null, directory);
        plain.detach();
        Peft.load(model, directory);
        assertThat(logits(model)).containsExactly(adapted, within(1e-5f));
    }

    @Test
    void trainsThePartsOfAFusedProjectionThatHaveAnAdapter() {
        TaskModel<?, ?, ?> model = load("gpt2_lm");
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().rank(2).targets("c_attn").fused("c_attn",
                List.of(true, false, true)).initialization(Initialization.NONE).build(), 7);
        Batch batch = Batch.of(List.of(new int[] {5, 6, 7}, new int[] {8, 9}));
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            tape.backward(model.loss(tape, Encoded.of(batch, batch.ids())));
        }
        LoraLayer layer = adapter.layers().get("transformer.h.1.attn.c_attn");
        for (Parameter parameter : List.of(layer.a(), layer.b())) {
            assertThat(parameter.gradientOrThrow().data()[37]).isCloseTo(slope(model, batch, parameter, 37),
                    within(1e-3f)).isNotZero();
        }
    }

    /** By finite differences. */
    private static float slope(TaskModel<?, ?, ?> model, Batch batch, Parameter parameter, int at) {
        Supplier<Float> loss = () -> {
            try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
                return model.loss(tape, Encoded.of(batch, batch.ids())).item();
            }
        };
        float[] data = parameter.value().data();
        data[at] += 0.01f;
        float up = loss.get();
        data[at] -= 0.02f;
        float down = loss.get();
        data[at] += 0.01f;
        return (up - down) / 0.02f;
    }

    @Test
    void refusesPartsThatAreNone() {
        TaskModel<?, ?, ?> model = load("gpt2_lm");
        int outputs = 3 * number("gpt2_lm", "n_embd");
        assertThatThrownBy(() -> LoraPlan.of(model, LoraConfig.lora().targets("c_attn").fused("c_attn",
                Collections.nCopies(outputs + 1, true)).build())).isInstanceOf(InputException.class)
                .hasMessage("fused: transformer.h.0.attn.c_attn is no linear layer, or its %d outputs are not %d equal "
                        + "parts", outputs, outputs + 1);
        assertThatThrownBy(() -> LoraConfig.lora().targets("c_attn").fused("c_attn", List.of(false, false)).build())
                .isInstanceOf(InputException.class).hasMessage("fused: no part of c_attn is enabled in [false, false]");
    }

    @Test
    void allLinearLeavesTheHeadOfALanguageModelAlone() {
        TaskModel<?, ?, ?> model = load("llama");
        assertThat(LoraPlan.of(model, LoraConfig.lora().targets("all-linear").build()).sites())
                .hasSize(7 * number("llama", "num_hidden_layers")).noneMatch(site -> site.path().equals("lm_head"));
        assertThat(LoraPlan.of(model, LoraConfig.lora().targets("lm_head").build()).sites()).hasSize(1);
    }

    @Test
    void aTiedHeadCannotBeATarget() {
        TaskModel<?, ?, ?> model = load("llama_tied");
        assertThatThrownBy(() -> LoraPlan.of(model, LoraConfig.lora().targets("lm_head").build()))
                .isInstanceOf(InputException.class).hasMessage("targets (target_modules): lm_head is a head "
                        + "that is tied to the word embeddings, only linear layers and embeddings can have an adapter");
    }

    /** What is trained of a tied pair is a copy, as in PEFT: each gets the gradient of its own use. */
    @ParameterizedTest
    @CsvSource({"embed_tokens, true, false", "lm_head, false, true", "'embed_tokens,lm_head', true, true"})
    void aTableIsTrainedWithoutItsTiedHeadAndTheOtherWayRound(String saved, boolean words, boolean head) {
        TaskModel<?, ?, ?> model = load("llama_tied");
        float[] base = logits(model);
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().targets("q_proj").modulesToSave(saved.split(","))
                .build(), 7);
        List<String> paths = Stream.of("model.embed_tokens.weight", "lm_head.weight").filter(path -> path.equals(
                "lm_head.weight") ? head : words).toList();
        assertThat(adapter.saved()).containsOnlyKeys(paths);
        assertThat(logits(model)).isEqualTo(base);
        Batch batch = Batch.of(List.of(new int[] {5, 6, 7}, new int[] {8, 9}));
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            tape.backward(model.loss(tape, Encoded.of(batch, batch.ids())));
        }
        adapter.saved().forEach((path, parameter) -> {
            assertThat(path).isIn(paths);
            int at = 6 * parameter.value().dim(1) + 3; // of a token that is read and predicted
            assertThat(parameter.gradientOrThrow().data()[at]).isCloseTo(slope(model, batch, parameter, at),
                    within(1e-3f)).isNotZero();
        });
        adapter.saved().values().forEach(parameter -> parameter.value().data()[6 * parameter.value().dim(1)] += 1);
        float[] trained = logits(model);
        adapter.freeze();
        assertThat(logits(model)).containsExactly(trained, within(1e-5f));
        adapter.merge();
        model.saveMerged(directory);
        assertThat(logits(TaskModel.of(Model.load(directory)))).isEqualTo(logits(model));
        adapter.detach();
        assertThat(logits(model)).isEqualTo(base);
        assertThat(model.namedParameters()).doesNotContainKey("lm_head.weight");
    }

    /** Only where the class has no other table than that of the embeddings, there is no such file. */
    @Test
    void aMaskedModelIsSavedWithoutItsTieWhereItsClassHasOne() {
        for (String name : List.of("roberta_masked", "deberta_v3_masked")) {
            TaskModel<?, ?, ?> model = load(name);
            LoraAdapter adapter = Lora.attach(model,
                    LoraConfig.lora().targetPattern(".*(query|query_proj)").modulesToSave(
                            "word_embeddings").build(),
                    7);
            adapter.saved().values().forEach(parameter -> parameter.value().data()[9] += 1);
            adapter.merge();
            if (name.startsWith("roberta")) {
                model.saveMerged(directory);
                assertThat(logits(TaskModel.of(Model.load(directory)))).isEqualTo(logits(model));
            } else {
                assertThatThrownBy(() -> model.saveMerged(directory)).isInstanceOf(IllegalStateException.class)
                        .hasMessage("save: the head has a table of its own, and DebertaV2ForMaskedLM reads that of the "
                                + "word embeddings");
            }
        }
    }

    /** The head goes on with the table as it is: PEFT adapts the look-up alone. */
    @Test
    void aTiedTableIsAdaptedButNotMergedInto() {
        TaskModel<?, ?, ?> model = load("llama_tied");
        float[] base = logits(model);
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().targets("embed_tokens").build(), 7);
        assertThat(logits(model)).isEqualTo(base);
        LoraLayer layer = adapter.layers().get("model.embed_tokens");
        layer.a().value().fill(1f);
        float[] adapted = logits(model);
        assertThat(adapted).isNotEqualTo(base);
        assertThatThrownBy(adapter::merge).isInstanceOf(IllegalStateException.class).hasMessage(
                "merge: the table of model.embed_tokens is that of lm_head too, which would change with it");
        assertThat(logits(model)).isEqualTo(adapted);
        adapter.detach();
        assertThat(logits(model)).isEqualTo(base);
    }

    @Test
    void rowsOfATiedTableAreNotTrainedByThemselves() {
        TaskModel<?, ?, ?> model = load("llama_tied");
        assertThatThrownBy(() -> LoraPlan.of(model, LoraConfig.lora().targets("q_proj")
                .trainableTokens(LoraConfig.INPUT_EMBEDDING, List.of(1)).build())).isInstanceOf(InputException.class)
                .hasMessage("trainableTokens (trainable_token_indices): the table of model.embed_tokens is that of a "
                        + "head too, whose rows are not trained by themselves");
    }
}
