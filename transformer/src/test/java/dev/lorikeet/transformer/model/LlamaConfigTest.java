package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.LlamaConfig.Biases;
import dev.lorikeet.transformer.model.LlamaConfig.Form;
import dev.lorikeet.transformer.model.RotaryConfig.Linear;
import dev.lorikeet.transformer.model.RotaryConfig.Llama3;
import dev.lorikeet.transformer.model.RotaryConfig.Unscaled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LlamaConfigTest {
    private static final String CONFIG = """
            {"architectures": ["LlamaForCausalLM"], "attention_bias": true, "attention_dropout": 0.0,
             "dtype": "float32", "head_dim": 6, "hidden_act": "silu", "hidden_size": 16, "intermediate_size": 20,
             "max_position_embeddings": 64, "mlp_bias": true, "model_type": "llama", "num_attention_heads": 4,
             "num_hidden_layers": 2, "num_key_value_heads": 2, "pad_token_id": 5, "rms_norm_eps": 1e-5,
             "rope_parameters": {"rope_type": "llama3", "rope_theta": 500.0, "factor": 8.0, "low_freq_factor": 1.0,
              "high_freq_factor": 4.0, "original_max_position_embeddings": 32}, "vocab_size": 97}
            """;
    private static final Llama3 LLAMA3 = new Llama3(8, 1, 4, 32);

    @TempDir
    private Path directory;

    private LlamaConfig read(String json) throws IOException {
        return LlamaConfig.read(JsonObject.read(Files.writeString(directory.resolve("config.json"), json)));
    }

    /** The same with other rotary fields, of transformers 5 or of before. */
    private RotaryConfig rotary(String fields) throws IOException {
        String rest = CONFIG.substring(0, CONFIG.indexOf("\"rope_parameters\""));
        return read(rest + fields + ", \"vocab_size\": 97}").rotary();
    }

    @Test
    void readsEveryField() throws IOException {
        assertThat(read(CONFIG)).isEqualTo(new LlamaConfig(97, 16, 4, 2, 6, 20, 64, Activation.SILU, 1e-5f,
                new Biases(true, true, true), false, new RotaryConfig(500, LLAMA3), List.of(Form.PLAIN, Form.PLAIN),
                5));
    }

    @Test
    void takesTransformersDefaults() throws IOException {
        assertThat(read("""
                {"model_type": "llama", "vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 1,
                 "num_attention_heads": 2, "intermediate_size": 7, "max_position_embeddings": 6, "pad_token_id": null,
                 "num_key_value_heads": null, "head_dim": null, "rope_scaling": null}
                """)).isEqualTo(new LlamaConfig(9, 8, 2, 2, 4, 7, 6, Activation.SILU, 1e-6f, Biases.NONE, false,
                new RotaryConfig(10_000, new Unscaled()), List.of(Form.PLAIN), SequenceOps.NO_PADDING));
    }

    @Test
    void readsRotaryFieldsAsOlderFilesHaveThem() throws IOException {
        String rest = "\"factor\": 8.0, \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0";
        assertThat(rotary("\"rope_theta\": 500.0, \"rope_scaling\": {\"rope_type\": \"llama3\", " + rest
                + ", \"original_max_position_embeddings\": 32}")).isEqualTo(new RotaryConfig(500, LLAMA3));
        assertThat(rotary("\"rope_scaling\": {\"type\": \"llama3\", " + rest + "}"))
                .as("the longest context where there is no original one")
                .isEqualTo(new RotaryConfig(10_000, new Llama3(8, 1, 4, 64)));
        assertThat(rotary("\"original_max_position_embeddings\": 32, \"rope_parameters\": {\"rope_theta\": 500, "
                + "\"rope_type\": \"llama3\", " + rest + "}")).isEqualTo(new RotaryConfig(500, LLAMA3));
        assertThat(rotary("\"rope_theta\": 9, \"rope_scaling\": {\"type\": \"linear\", \"factor\": 2.5}"))
                .isEqualTo(new RotaryConfig(9, new Linear(2.5f)));
        assertThat(rotary("\"rope_theta\": 9, \"rope_scaling\": null"))
                .isEqualTo(new RotaryConfig(9, new Unscaled()));
    }

    @Test
    void readsTheOlderRotaryFieldsBesideTheNewerOnesAsTransformersDoes() throws IOException {
        String linear = "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 4}, \"rope_parameters\": ";
        assertThat(rotary(linear + "{\"rope_type\": \"default\", \"rope_theta\": 10000}"))
                .isEqualTo(new RotaryConfig(10_000, new Linear(4)));
        assertThat(rotary(linear + "{}, \"rope_theta\": 9")).isEqualTo(new RotaryConfig(9, new Linear(4)));
        assertThat(rotary("\"rope_scaling\": {}, \"rope_parameters\": {\"rope_theta\": 9}"))
                .isEqualTo(new RotaryConfig(9, new Unscaled()));
        assertThat(rotary(linear + "{\"rope_type\": \"linear\", \"factor\": 4}")).as("the same")
                .isEqualTo(new RotaryConfig(10_000, new Linear(4)));
        for (String other : List.of("{\"rope_theta\": 9}", "{\"rope_type\": \"linear\", \"factor\": 2}")) {
            assertThatThrownBy(() -> rotary(linear + other)).isInstanceOf(InputException.class)
                    .hasMessageContaining("config.json: rope_scaling: means RotaryConfig[theta=10000.0, ")
                    .hasMessageContaining("one of the two is enough");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "model_type": "llama"         | "model_type": "mistral"  | model_type: "llama" is expected, not "mistral"
            "hidden_size": 16             | "hidden_size": 18        | num_attention_heads: 4 does not divide hidden_size 18
            "num_key_value_heads": 2      | "num_key_value_heads": 3 | num_key_value_heads: 3 does not divide num_attention_heads 4
            "head_dim": 6                 | "head_dim": 5            | head_dim: must be even, since rotary positions turn pairs, not 5
            "hidden_act": "silu"          | "hidden_act": "swiglu"   | hidden_act: "swiglu" is not one of gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, relu, silu, swish, tanh
            "dtype": "float32"            | "is_causal": false       | is_causal: only decoders, which see what came before, are supported, so it cannot be false
            "dtype": "float32"            | "per_layer_config": {}   | per_layer_config: all layers have one configuration here
            "dtype": "float32"            | "quantization_config": {} | quantization_config: quantized weights cannot be read
            "pad_token_id": 5             | "pad_token_id": -1       | pad_token_id: must be in [0, 97), not -1
            "rms_norm_eps": 1e-5          | "rms_norm_eps": -1       | rms_norm_eps: must be at least 0, not -1.0
            "attention_bias": true        | "attention_bias": 1      | attention_bias: true or false is expected, not 1
            "rope_type": "llama3"         | "rope_type": "yarn"      | rope_parameters.rope_type: "yarn" is not one of default, linear, llama3, longrope
            "rope_type": "llama3"         | "type": "dynamic"        | rope_parameters.type: "dynamic" is not one of default, linear, llama3, longrope
            "rope_theta": 500.0           | "rope_theta": 0          | rope_parameters.rope_theta: must be above 0, not 0.0
            "factor": 8.0,                | ``                       | rope_parameters.factor: is missing, a number is expected
            "factor": 8.0                 | "factor": -2             | rope_parameters.factor: must be above 0, not -2.0
            "high_freq_factor": 4.0       | "high_freq_factor": 1    | rope_parameters.high_freq_factor: must be above low_freq_factor 1.0, not 1.0
            "original_max_position_embeddings": 32 | "original_max_position_embeddings": 0 | rope_parameters.original_max_position_embeddings: must be at least 1, not 0
            "rope_theta": 500.0           | "partial_rotary_factor": 0.5 | rope_parameters.partial_rotary_factor: only whole heads are turned, so it must be 1
            "dtype": "float32"            | "partial_rotary_factor": 0.5 | partial_rotary_factor: only whole heads are turned, so it must be 1
            "rope_theta": 500.0           | "attention_factor": 1    | rope_parameters.attention_factor: unknown field
            """)
    void refusesWhatIsNotThisLlama(String from, String to, String expected) {
        assertThat(CONFIG).contains(from);
        assertThatThrownBy(() -> read(CONFIG.replace(from, to))).isInstanceOf(InputException.class)
                .hasMessage(directory.resolve("config.json") + ": " + expected);
    }

    /** Of transformers 5.23 and PyTorch 2.15, printed with all their digits. */
    @Test
    void scaledFrequenciesHaveTransformersBits() {
        assertThat(new RotaryConfig(500, LLAMA3).frequencies(16)).containsExactly(1f, 0.23748968541622162f,
                0.031185457482933998f, 0.01215615589171648f, 0.005590170156210661f, 0.0025707141030579805f,
                0.0011821769876405597f, 0.0005436398205347359f);
        assertThat(new RotaryConfig(10_000, new Linear(2.5f)).frequencies(8)).containsExactly(0.4000000059604645f,
                0.03999999910593033f, 0.003999999724328518f, 0.0004000000189989805f);
        float[] llama32 = new RotaryConfig(500_000, new Llama3(32, 1, 4, 8192)).frequencies(64);
        assertThat(llama32).hasSize(32).startsWith(1f, 0.663601279258728f, 0.44036662578582764f)
                .contains(0.0012905480107292533f, 0.000429556705057621f, 9.708286233944818e-05f)
                .endsWith(2.1387423032592778e-07f, 1.4192720243499934e-07f, 9.418306490260875e-08f);
    }
}
