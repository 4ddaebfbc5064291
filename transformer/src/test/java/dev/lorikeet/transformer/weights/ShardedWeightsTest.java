package dev.lorikeet.transformer.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardedWeightsTest {
    @TempDir
    private Path directory;

    /** Tensors a and b in one file, c in another. */
    @BeforeEach
    void writeShards() {
        Safetensors.write(directory.resolve("1.safetensors"),
                Map.of("a", Tensor.of(new float[] {1}, 1), "b", Tensor.of(new float[] {2, 3}, 1, 2)),
                Map.of("format", "pt"));
        Safetensors.write(directory.resolve("2.safetensors"), Map.of("c", Tensor.of(new float[] {4, 5, 6}, 3)),
                Map.of("format", "np", "more", "2"));
    }

    private TensorFile open(String weightMap) throws IOException {
        Files.writeString(directory.resolve("model.safetensors.index.json"),
                "{\"metadata\": {\"total_size\": 24}, \"weight_map\": " + weightMap + "}");
        return Safetensors.openDirectory(directory);
    }

    @Test
    void readsSeveralFilesAsOne() throws IOException {
        TensorFile weights = open("{\"c\": \"2.safetensors\", \"a\": \"1.safetensors\", \"b\": \"1.safetensors\"}");
        assertThat(weights.names()).containsExactly("c", "a", "b");
        assertThat(weights.source()).isEqualTo(directory.resolve("model.safetensors.index.json"));
        assertThat(weights.metadata()).isEqualTo(Map.of("format", "np", "more", "2"));
        assertThat(weights.shape("b")).isEqualTo(Shape.of(1, 2));
        assertThat(weights.dtype("c")).isEqualTo(DType.F32);
        assertThat(weights.read("a").toArray()).containsExactly(1);
        assertThat(weights.read("b").toArray()).containsExactly(2, 3);
        assertThat(weights.read("c").toArray()).containsExactly(4, 5, 6);
        assertThatThrownBy(() -> weights.read("d")).isInstanceOf(InputException.class)
                .hasMessageEndingWith("index.json: d: there is no tensor of this name");
        weights.close();
        for (String name : weights.names()) {
            assertThatThrownBy(() -> weights.read(name)).isInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "a": "3.safetensors"  | 3.safetensors: open: there is no such file
            "a": "."              | open: is a directory, a file is expected
            "a": ".."             | index.json: weight_map.a: a file name beside the index is expected, not ".."
            "a": "../1.safetensors" | weight_map.a: a file name beside the index is expected, not "../1.safetensors"
            "a": "/1.safetensors" | weight_map.a: a file name beside the index is expected
            "a": "sub/1.safetensors" | weight_map.a: a file name beside the index is expected
            "a": "..\\\\1.safetensors" | weight_map.a: a file name beside the index is expected
            "a": "1.safetensors\\u0000" | is no name of a file:
            "a": ""               | weight_map.a: a file name beside the index is expected, not ""
            "a": 1                | weight_map.a: a string is expected, not 1
            "d": "1.safetensors"  | weight_map.d: is not in 1.safetensors
            "c": "1.safetensors"  | weight_map.c: is not in 1.safetensors
            "a": "1.safetensors"  | 1.safetensors: b: is in this file, but model.safetensors.index.json does not place
            "a": "1.safetensors", "a": "2.safetensors" | Duplicate field 'a'
            """)
    void refusesAnIndexThatLies(String entries, String expected) {
        assertThatThrownBy(() -> open("{" + entries + "}")).isInstanceOf(InputException.class)
                .hasMessageStartingWith(directory.toString()).hasMessageContaining(expected);
    }

    @Test
    void refusesATensorInTwoFiles() {
        Safetensors.write(directory.resolve("2.safetensors"), Map.of("c", Tensor.zeros(1), "a", Tensor.zeros(1)),
                Map.of());
        assertThatThrownBy(
                () -> open("{\"a\": \"1.safetensors\", \"b\": \"1.safetensors\", \"c\": \"2.safetensors\"}"))
                .isInstanceOf(InputException.class).hasMessage(directory.resolve("2.safetensors")
                        + ": a: is in this file, but model.safetensors.index.json does not place it here");
    }

    @Test
    void refusesWhatIsNoIndex() throws IOException {
        assertThatThrownBy(() -> open("[]")).isInstanceOf(InputException.class)
                .hasMessageEndingWith("weight_map: an object is expected, not []");
        Files.writeString(directory.resolve("model.safetensors.index.json"), "{}");
        assertThatThrownBy(() -> Safetensors.openDirectory(directory)).isInstanceOf(InputException.class)
                .hasMessageEndingWith("weight_map: is missing, an object is expected");
        Files.write(directory.resolve("2.safetensors"), new byte[5]);
        assertThatThrownBy(() -> open("{\"c\": \"2.safetensors\"}")).isInstanceOf(InputException.class)
                .hasMessageStartingWith(directory.resolve("2.safetensors") + ": header: the file has 5 bytes");
    }
}
