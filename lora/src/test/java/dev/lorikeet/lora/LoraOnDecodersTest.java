package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.InputException;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.PretrainedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What GPT-2 and Llama have that BERT has not: weights stored as (in, out), heads of language models. */
class LoraOnDecodersTest {
    private static final Path MODELS = Path.of(System.getProperty("lorikeet.fixtures", "../shared/fixtures"))
            .resolve("models");

    private static PretrainedModel load(String name) {
        assumeTrue(Files.isDirectory(MODELS), "SKIPPED: there is no directory " + MODELS);
        return PretrainedModel.load(MODELS.resolve(name));
    }

    private static float[] logits(PretrainedModel model) {
        try (Tape tape = Tape.inference(Compute.shared(), new Workspace())) {
            return model.forward(tape, Batch.of(List.of(new int[] {5, 6, 7}, new int[] {8}))).value().toArray();
        }
    }

    @Test
    void mergesIntoAWeightStoredTheOtherWayRound() {
        PretrainedModel model = load("gpt2_lm");
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().rank(3).alpha(5).targets("all-linear")
                .initialization(Initialization.NONE).build(), 7);
        assertThat(adapter.layers()).hasSize(8).containsKey("transformer.h.1.attn.c_attn");
        LoraLayer layer = adapter.layers().get("transformer.h.0.attn.c_attn");
        assertThat(layer.a().value().shape().dims()).containsExactly(3, 32);
        assertThat(layer.b().value().shape().dims()).containsExactly(96, 3);
        Tensor before = ((LoraLinear) layer).linear().weight().value().copy();
        float[] adapted = logits(model);
        adapter.merge();
        assertThat(logits(model)).containsExactly(adapted, within(1e-4f));
        Tensor delta = layer.delta();
        assertThat(((LoraLinear) layer).linear().weight().value().get(3, 90))
                .isEqualTo(before.get(3, 90) + delta.get(90, 3));
        adapter.unmerge();
        assertThat(logits(model)).isEqualTo(adapted);
        assertThat(((LoraLinear) layer).linear().weight().value().toArray()).isEqualTo(before.toArray());
    }

    @Test
    void allLinearLeavesTheHeadOfALanguageModelAlone() {
        PretrainedModel model = load("llama");
        assertThat(LoraPlan.of(model, LoraConfig.lora().targets("all-linear").build()).sites())
                .hasSize(14).noneMatch(site -> site.path().equals("lm_head"));
        assertThat(LoraPlan.of(model, LoraConfig.lora().targets("lm_head").build()).sites()).hasSize(1);
    }

    @Test
    void aTiedHeadCannotBeATarget() {
        PretrainedModel model = load("llama_tied");
        assertThatThrownBy(() -> LoraPlan.of(model, LoraConfig.lora().targets("lm_head").build()))
                .isInstanceOf(InputException.class).hasMessage("targets (target_modules): lm_head is of the class "
                        + "TiedHead, only linear layers and embeddings can have an adapter");
    }

    /** The head goes on with the table as it is: PEFT adapts the look-up alone. */
    @Test
    void aTiedTableIsAdaptedButNotMergedInto() {
        PretrainedModel model = load("llama_tied");
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
        PretrainedModel model = load("llama_tied");
        assertThatThrownBy(() -> LoraPlan.of(model, LoraConfig.lora().targets("q_proj")
                .trainableTokens(LoraConfig.INPUT_EMBEDDING, List.of(1)).build())).isInstanceOf(InputException.class)
                .hasMessage("trainableTokens (trainable_token_indices): the table of model.embed_tokens is that of a "
                        + "head too, whose rows are not trained by themselves");
    }
}
