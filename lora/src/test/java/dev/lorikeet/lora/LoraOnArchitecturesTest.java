package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.model.Backbone;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.EncoderDecoder;
import dev.lorikeet.transformer.model.Model;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters in every layer of every architecture: they are reached, trained and merged. */
class LoraOnArchitecturesTest {
    private static final Path MODELS = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "models");

    private static Batch batch(Backbone model) {
        Batch batch = Batch.of(List.of(new int[] {5, 6, 7, 9, 11}, new int[] {8, 13}));
        return model instanceof EncoderDecoder
                ? batch.withSource(Batch.of(List.of(new int[] {4, 3}, new int[] {10, 6, 12})))
                : batch;
    }

    private static Tensor hidden(Backbone model) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return model.forward(tape, batch(model)).value().copy();
        }
    }

    /** @param targets PEFT's own where nobody names any, two layers of which PEFT knows none */
    @ParameterizedTest
    @CsvSource({"roberta_sequence, query value", "deberta_v3_sequence, query_proj value_proj", "gpt2_lm, c_attn",
        "gptj_lm, q_proj v_proj", "gpt_neox_lm, query_key_value", "llama, q_proj v_proj", "mistral_lm, q_proj v_proj",
        "qwen2_lm, q_proj v_proj", "qwen3_lm, q_proj v_proj", "phi3_lm, qkv_proj gate_up_proj",
        "gemma2_lm, q_proj v_proj", "t5_v1_1, q v", "bart_lm, q_proj v_proj"})
    void isReachedTrainedAndMerged(String name, String targets) {
        Backbone model = Model.load(MODELS.resolve(name)).backbone();
        assertThat(LoraPlan.of(model, LoraConfig.lora().targets(targets.split(" ")).build()).sites())
                .hasSizeGreaterThanOrEqualTo(targets.split(" ").length * model.config().layers());
        Tensor base = hidden(model);
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().rank(2).alpha(1).targets("all-linear")
                .initialization(Initialization.NONE).build(), 7);
        Tensor adapted = hidden(model);
        assertThat(adapted.toArray()).isNotEqualTo(base.toArray());
        Tensor probe = adapted.copy();
        for (int i = 0; i < probe.size(); i++) {
            probe.data()[i] = (float) Math.sin(i);
        }
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            Variable last = model.forward(tape, batch(model));
            tape.backward(Losses.weightedSum(tape, last, probe));
        }
        adapter.layers().forEach((path, layer) -> {
            for (Tensor slopes : List.of(layer.a().gradientOrThrow(), layer.b().gradientOrThrow())) {
                assertThat(slopes.toArray()).as(path).isNotEqualTo(new float[slopes.size()]);
            }
        });
        adapter.merge();
        assertThat(hidden(model).toArray()).containsExactly(adapted.toArray(), within(1e-4f));
        adapter.unmerge();
        adapter.detach();
        assertThat(hidden(model).toArray()).isEqualTo(base.toArray());
    }
}
