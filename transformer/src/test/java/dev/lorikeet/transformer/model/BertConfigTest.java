package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BertConfigTest {
    /** As transformers 4 wrote it; version 5 writes dtype for torch_dtype and leaves out some fields. */
    private static final String V4 = """
            {"_name_or_path": "x", "architectures": ["BertModel"], "attention_probs_dropout_prob": 0.1,
             "gradient_checkpointing": false, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": 12,
             "id2label": {"0": "a", "1": "b", "2": "c"}, "initializer_range": 0.02, "intermediate_size": 20,
             "is_decoder": false, "add_cross_attention": false, "layer_norm_eps": 1e-5,
             "max_position_embeddings": 64, "model_type": "bert", "num_attention_heads": 3, "num_hidden_layers": 2,
             "pad_token_id": 1, "position_embedding_type": "absolute", "torch_dtype": "float32",
             "transformers_version": "4.40.0", "type_vocab_size": 2, "use_cache": true, "vocab_size": 100}
            """;
    private static final String V5 = """
            {"architectures": ["BertModel"], "bos_token_id": null, "classifier_dropout": null, "dtype": "float32",
             "hidden_act": "gelu", "hidden_size": 12, "id2label": {"0": "a", "1": "b", "2": "c"},
             "intermediate_size": 20, "layer_norm_eps": 1e-5, "max_position_embeddings": 64, "model_type": "bert",
             "num_attention_heads": 3, "num_hidden_layers": 2, "pad_token_id": 1, "type_vocab_size": 2,
             "vocab_size": 100}
            """;

    @TempDir
    private Path directory;

    private BertConfig read(String json) throws IOException {
        return BertConfig.read(Files.writeString(directory.resolve("config.json"), json));
    }

    @Test
    void readsBothGenerationsOfFiles() throws IOException {
        BertConfig expected = new BertConfig(100, 12, 2, 3, 20, 64, 2, Activation.GELU, 1e-5f, 1);
        assertThat(read(V4)).isEqualTo(expected);
        assertThat(read(V5)).isEqualTo(expected);
    }

    @Test
    void takesTransformersDefaults() throws IOException {
        BertConfig config = read("""
                {"vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 8,
                 "intermediate_size": 7, "max_position_embeddings": 6, "type_vocab_size": 1}
                """);
        assertThat(config).isEqualTo(new BertConfig(9, 8, 1, 8, 7, 6, 1, Activation.GELU, 1e-12f, 0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "model_type": "bert"      | "model_type": "roberta"   | model_type: "bert" is expected, not "roberta"
            "hidden_act": "gelu"      | "hidden_act": "quick_gelu" | hidden_act: "quick_gelu" is not one of gelu, gelu_new,
            "absolute"                | "relative_key"            | position_embedding_type: "absolute" is expected, not
            "is_decoder": false       | "is_decoder": true        | is_decoder: only encoders are supported
            "is_decoder": false       | "is_causal": true         | is_causal: only encoders are supported
            "is_decoder": false       | "per_layer_config": {"0": {}} | per_layer_config: all layers have one configuration
            "add_cross_attention": false | "add_cross_attention": true | add_cross_attention: only encoders are
            "hidden_size": 12         | "hidden_size": 13         | num_attention_heads: 3 does not divide hidden_size 13
            "hidden_size": 12,        | ``                        | hidden_size: is missing
            "vocab_size": 100         | "vocab_size": 0           | vocab_size: must be at least 1, not 0
            "num_hidden_layers": 2    | "num_hidden_layers": -2   | num_hidden_layers: must be at least 1, not -2
            "intermediate_size": 20   | "intermediate_size": 20.5 | intermediate_size: a whole number
            "max_position_embeddings": 64 | "max_position_embeddings": "64" | max_position_embeddings: a whole number
            "type_vocab_size": 2      | "type_vocab_size": null   | type_vocab_size: is null
            "num_attention_heads": 3  | "num_attention_heads": 4294967299 | num_attention_heads: a whole number below
            "layer_norm_eps": 1e-5    | "layer_norm_eps": "1e-5"  | layer_norm_eps: a number is expected
            "pad_token_id": 1         | "pad_token_id": 100       | pad_token_id: must be in [0, 100), not 100
            "pad_token_id": 1         | "pad_token_id": -1        | pad_token_id: must be in [0, 100), not -1
            """)
    void refusesWhatIsNotThisBert(String from, String to, String expected) {
        assertThat(V4).contains(from);
        assertThatThrownBy(() -> read(V4.replace(from, to))).isInstanceOf(InputException.class)
                .hasMessageStartingWith(directory.resolve("config.json") + ": " + expected);
    }
}
