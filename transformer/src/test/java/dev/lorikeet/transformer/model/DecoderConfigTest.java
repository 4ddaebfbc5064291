package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the configs of the recorded models may not say: fields that change the maths are refused by name. */
class DecoderConfigTest {
    private static JsonObject changed(String model, String field, String value) {
        JsonObject config = JsonObject.read(RecordedModel.MODELS.resolve(model).resolve("config.json"));
        Map<String, Object> fields = new LinkedHashMap<>(config.fields());
        fields.putAll(Json.readObject("{\"" + field + "\": " + value + "}", Path.of("test")));
        return new JsonObject(config.source(), config.place(), fields);
    }

    private static Backbone load(JsonObject config) {
        Path directory = config.source().getParent();
        try (TensorFile file = Safetensors.openDirectory(directory)) {
            return Architectures.standard().of(config).load(config, new TensorReader(file, LoadOptions.STANDARD),
                    null);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            mistral_lm  | layer_types                 | ["full_attention", "full_attention"] | layer_types: all layers of a mistral have one window
            mistral_lm  | sliding_window              | 0         | sliding_window: must be at least 1, not 0
            qwen2_lm    | layer_types                 | ["full_attention"] | layer_types: has 1 of 2 layers
            qwen2_lm    | layer_types                 | ["full_attention", "linear_attention"] | layer_types: "linear_attention" is not one of full_attention, sliding_attention
            qwen3_lm    | layer_types                 | ["full_attention", "sliding_attention"] | layer_types: a layer is sliding_attention, and there is no sliding_window
            phi3_lm     | rope_parameters             | {"rope_type": "longrope", "short_factor": [1, 2], "long_factor": [1, 2]} | rope_parameters.short_factor: 4 numbers above 0 are expected, one for each pair of a head that turns
            phi3_lm     | rope_parameters             | {"partial_rotary_factor": 1.5} | rope_parameters.partial_rotary_factor: must be above 0 and at most 1, not 1.5
            gemma2_lm   | use_bidirectional_attention | true      | use_bidirectional_attention: only decoders, which see what came before, are supported, so it cannot be true
            gemma2_lm   | attn_logit_softcapping      | -1        | attn_logit_softcapping: must be above 0, not -1.0
            gptj_lm     | rotary_dim                  | null      | rotary_dim: a number is expected, since whole heads have no angles of their own
            gptj_lm     | rotary_dim                  | 10        | rotary_dim: must be even and at most 8, a head, not 10
            gpt_neox_lm | rotary_pct                  | 2         | partial_rotary_factor: must be above 0 and at most 1, not 2.0
            t5_v1_0     | feed_forward_proj           | "gated-x" | feed_forward_proj: "x" is not one of gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, relu, silu, swish, tanh
            t5_v1_0     | relative_attention_num_buckets | 7      | relative_attention_num_buckets: must be even, at least 4 and below twice relative_attention_max_distance 12, not 7
            bart_lm     | normalize_before            | true      | normalize_before: layers are those of BART, not of its relatives, so it cannot be true
            bart_lm     | encoder_attention_heads     | 5         | encoder_attention_heads: 5 does not divide d_model 32
            deberta_v3_sequence | pos_att_type        | ["c2p", "p2p"] | pos_att_type: "p2p" is not one of c2p, p2c
            deberta_v3_sequence | conv_groups         | 2         | conv_groups: only convolutions of one group are supported
            deberta_v3_sequence | conv_kernel_size    | 2         | conv_kernel_size: must be odd, not 2
            """)
    void isRefused(String model, String field, String value, String expected) {
        JsonObject config = changed(model, field, value);
        assertThatThrownBy(() -> load(config)).isInstanceOf(InputException.class)
                .hasMessage(config.source() + ": " + expected);
    }

    @Test
    void longRopeIsOneTableForShortTexts() {
        JsonObject config = changed("phi3_lm", "rope_scaling", """
                {"type": "su", "short_factor": [1, 2, 3, 4], "long_factor": [2, 4, 6, 8]}""");
        JsonObject longer = new JsonObject(config.source(), config.place(), ConfigFields.with(ConfigFields.with(config,
                "rope_parameters", Map.of()), "max_position_embeddings", 256).fields());
        assertThat(load(longer).maxTokens()).as("of the original length").isEqualTo(64);
        JsonObject same = ConfigFields.with(longer, "rope_scaling", Json.readObject("""
                {"type": "su", "short_factor": [1, 2, 3, 4], "long_factor": [1, 2, 3, 4]}""", Path.of("test")));
        assertThat(load(same).maxTokens()).as("where the tables are one").isEqualTo(256);
    }

    @Test
    void anEncoderHasToBeReadFirst() {
        JsonObject config = JsonObject.read(RecordedModel.MODELS.resolve("t5_v1_0/config.json"));
        Backbone model = load(config);
        Batch batch = Batch.of(List.of(new int[] {1, 2}));
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            assertThatThrownBy(() -> model.forward(tape, batch)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("t5: neither the batch nor the pass says what the encoder reads");
        }
    }
}
