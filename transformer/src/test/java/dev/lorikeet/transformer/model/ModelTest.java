package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelTest {
    @TempDir
    private Path directory;
    private final TreeMap<String, Tensor> tensors = new TreeMap<>(TinyBert.tensors());

    @Test
    void loadsADirectoryByItsPath() {
        Model model = TinyBert.load(directory);
        assertThat(model.id()).isEqualTo(directory.toAbsolutePath().toString());
        assertThat(model.backbone().config())
                .isEqualTo(new BertConfig(10, 8, 2, 2, 12, 6, 2, Activation.GELU, 1e-12f, 0));
        assertThat(model.tokenizer().encode("The cats", 6).ids()).containsExactly(2, 4, 5, 9, 3);
        assertThat(model.backbone().trainableCount()).isZero();
        Model again = Model.load(directory.resolve("../" + directory.getFileName()).toString());
        assertThat(again.id()).isEqualTo(model.id());
        assertThat(again.hash()).isEqualTo(model.hash());
    }

    @Test
    void theHashGoesOverNamesShapesAndBitsOfTheEncoder() throws NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        tensors.forEach((name, tensor) -> {
            digest.update((name + tensor.shape() + "\n").getBytes(StandardCharsets.UTF_8));
            ByteBuffer bits = ByteBuffer.allocate(4 * tensor.size()).order(ByteOrder.LITTLE_ENDIAN);
            bits.asFloatBuffer().put(tensor.toArray());
            digest.update(bits);
        });
        String expected = "sha256:" + HexFormat.of().formatHex(digest.digest());
        assertThat(hash(tensors)).isEqualTo(expected);
        Map<String, Tensor> prefixed = new TreeMap<>();
        tensors.forEach((name, tensor) -> prefixed.put("bert." + name, tensor));
        TinyBert.add(prefixed, "bert.pooler.dense.weight 8 8");
        TinyBert.add(prefixed, "bert.pooler.dense.bias 8");
        assertThat(hash(prefixed)).as("with a pooler").isEqualTo(expected);
        tensors.lastEntry().getValue().data()[7] = Math.nextUp(tensors.lastEntry().getValue().data()[7]);
        assertThat(hash(tensors)).isNotEqualTo(expected);
    }

    private String hash(Map<String, Tensor> content) {
        TinyBert.write(directory, content);
        return Model.load(directory).hash();
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "tokenizer.json", "model.safetensors"})
    void refusesADirectoryThatLacksAFile(String name) throws IOException {
        TinyBert.load(directory);
        Files.delete(directory.resolve(name));
        assertThatThrownBy(() -> Model.load(directory).tokenizer()).isInstanceOf(InputException.class)
                .hasMessageContaining(directory.toString()).hasMessageContaining(name);
    }

    @Test
    void refusesATokenizerWithMoreWordsThanTheModel() throws IOException {
        tensors.computeIfPresent("embeddings.word_embeddings.weight", (name, table) -> table.rows(0, 9));
        TinyBert.write(directory, tensors);
        Files.writeString(directory.resolve("config.json"), TinyBert.CONFIG.replace("\"vocab_size\": 10",
                "\"vocab_size\": 9"));
        assertThatThrownBy(() -> Model.load(directory).tokenizer()).isInstanceOf(InputException.class)
                .hasMessage(directory.resolve("tokenizer.json")
                        + ": model.vocab: 10 tokens, but config.json has a vocab_size of 9");
    }
}
