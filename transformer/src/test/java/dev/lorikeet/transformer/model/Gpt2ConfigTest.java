package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Gpt2ConfigTest {
    private static final String CONFIG = """
            {"activation_function": "gelu_new", "add_cross_attention": false, "architectures": ["GPT2LMHeadModel"],
             "attn_pdrop": 0.1, "bos_token_id": 3, "layer_norm_epsilon": 1e-4, "model_type": "gpt2", "n_ctx": 64,
             "n_embd": 12, "n_head": 3, "n_inner": 20, "n_layer": 2, "n_positions": 64, "pad_token_id": 5,
             "reorder_and_upcast_attn": false, "scale_attn_by_inverse_layer_idx": false, "scale_attn_weights": true,
             "summary_type": "cls_index", "torch_dtype": "float32", "vocab_size": 97}
            """;

    @TempDir
    private Path directory;

    private Gpt2Config read(String json) throws IOException {
        return Gpt2Config.read(JsonObject.read(Files.writeString(directory.resolve("config.json"), json)));
    }

    @Test
    void readsEveryField() throws IOException {
        assertThat(read(CONFIG)).isEqualTo(new Gpt2Config(97, 12, 2, 3, 20, 64, Activation.GELU_TANH, 1e-4f, 5));
    }

    @Test
    void takesTransformersDefaults() throws IOException {
        assertThat(read("""
                {"model_type": "gpt2", "vocab_size": 9, "n_embd": 8, "n_layer": 1, "n_head": 8, "n_positions": 6,
                 "n_inner": null, "pad_token_id": null}
                """)).isEqualTo(new Gpt2Config(9, 8, 1, 8, 32, 6, Activation.GELU_TANH, 1e-5f,
                SequenceOps.NO_PADDING));
    }

    @Test
    void readsFieldsUnderTheirOtherNames() throws IOException {
        String other = CONFIG.replace("n_embd", "hidden_size").replace("n_head", "num_attention_heads")
                .replace("n_layer", "num_hidden_layers").replace("n_positions", "max_position_embeddings");
        assertThat(read(other)).isEqualTo(read(CONFIG));
        assertThat(read(CONFIG.replace("\"n_ctx\": 64", "\"hidden_size\": 12"))).as("the same")
                .isEqualTo(read(CONFIG));
        assertThat(read(CONFIG.replace("\"n_ctx\": 64", "\"hidden_size\": null"))).isEqualTo(read(CONFIG));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "gpt2"                        | "gptj"           | model_type: "gpt2" is expected, not "gptj"
            "add_cross_attention": false  | "add_cross_attention": true | add_cross_attention: only decoders of their own are supported, so it cannot be true
            "scale_attn_weights": true    | "scale_attn_weights": false | scale_attn_weights: scores are always divided by the root of the size, so it cannot be false
            "scale_attn_by_inverse_layer_idx": false | "scale_attn_by_inverse_layer_idx": true | scale_attn_by_inverse_layer_idx: scores are scaled alike in all layers, so it cannot be true
            "n_ctx": 64                   | "is_causal": false | is_causal: only decoders, which see what came before, are supported, so it cannot be false
            "n_ctx": 64                   | "hidden_size": 24 | hidden_size: 24 contradicts n_embd 12, which is the same field
            "n_ctx": 64                   | "num_hidden_layers": 1 | num_hidden_layers: 1 contradicts n_layer 2, which is the same field
            "n_ctx": 64                   | "num_attention_heads": 4 | num_attention_heads: 4 contradicts n_head 3, which is the same field
            "n_ctx": 64                   | "max_position_embeddings": 32 | max_position_embeddings: 32 contradicts n_positions 64, which is the same field
            "n_ctx": 64                   | "quantization_config": {} | quantization_config: quantized weights cannot be read
            "gelu_new"                    | "geglu"          | activation_function: "geglu" is not one of gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, relu, silu, swish, tanh
            "n_head": 3                   | "n_head": 5      | n_head: 5 does not divide n_embd 12
            "n_inner": 20                 | "n_inner": 0     | n_inner: must be at least 1, not 0
            "n_positions": 64,            | ``               | n_positions: is missing, a whole number below 2^31 is expected
            "layer_norm_epsilon": 1e-4    | "layer_norm_epsilon": -1 | layer_norm_epsilon: must be at least 0, not -1.0
            "pad_token_id": 5             | "pad_token_id": 97 | pad_token_id: must be in [0, 97), not 97
            "pad_token_id": 5             | "pad_token_id": -1 | pad_token_id: must be in [0, 97), not -1
            """)
    void refusesWhatIsNotThisGpt2(String from, String to, String expected) {
        assertThat(CONFIG).contains(from);
        assertThatThrownBy(() -> read(CONFIG.replace(from, to))).isInstanceOf(InputException.class)
                .hasMessage(directory.resolve("config.json") + ": " + expected);
    }
}
