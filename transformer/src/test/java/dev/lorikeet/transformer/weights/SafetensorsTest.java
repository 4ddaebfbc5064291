package dev.lorikeet.transformer.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    @TempDir
    private Path directory;

    /** Of every rank, without elements, with bits that a copy may lose, part of a larger array, beyond one buffer. */
    private static Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("scalar", Tensor.of(new float[] {7}));
        tensors.put("none", Tensor.zeros(3, 0, 2));
        tensors.put("bits", Tensor.of(new float[] {-0f, Float.MIN_VALUE, Float.MAX_VALUE, Float.NEGATIVE_INFINITY,
            Float.intBitsToFloat(0x7FC00001)}, 5));
        tensors.put("a \"quoted\" é\n.weight", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2).rows(1, 3));
        Tensor large = Tensor.zeros(3, 9001);
        Random.fillNormal(large, 1f, 1);
        tensors.put("large", large);
        return tensors;
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        Path file = directory.resolve("deep/a.safetensors");
        Map<String, String> metadata = Map.of("format", "pt", "text", "\"é\n");
        Safetensors.write(file, tensors(), metadata);
        try (TensorFile weights = Safetensors.open(file)) {
            assertThat(weights.source()).isEqualTo(file);
            assertThat(weights.metadata()).isEqualTo(metadata);
            assertThat(weights.names()).containsExactly("a \"quoted\" é\n.weight", "bits", "large", "none", "scalar");
            tensors().forEach((name, tensor) -> {
                assertThat(weights.contains(name)).isTrue();
                assertThat(weights.dtype(name)).isEqualTo(DType.F32);
                assertThat(weights.shape(name)).isEqualTo(tensor.shape());
                assertThat(weights.read(name).shape()).isEqualTo(tensor.shape());
                assertThat(bits(weights.read(name))).as(name).isEqualTo(bits(tensor));
            });
        }
    }

    @Test
    void theSameContentGivesTheSameBytes() throws IOException {
        Map<String, Tensor> turned = new LinkedHashMap<>();
        List.copyOf(tensors().keySet()).reversed().forEach(name -> turned.put(name, tensors().get(name).copy()));
        Path first = directory.resolve("first");
        Path second = directory.resolve("second");
        Safetensors.write(first, tensors(), new LinkedHashMap<>(Map.of("a", "1", "b", "2", "c", "3")));
        Safetensors.write(second, turned, new LinkedHashMap<>(Map.of("c", "3", "a", "1", "b", "2")));
        assertThat(second).hasSameBinaryContentAs(first);
    }

    @Test
    void writesTheFormatAsItIsDescribed() throws IOException {
        Path file = directory.resolve("a.safetensors");
        Safetensors.write(file, Map.of("w", Tensor.of(new float[] {1, -2}, 2, 1)), Map.of("format", "pt"));
        String header = "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"w\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}} ";
        assertThat(header).hasSize(88);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.writeBytes(new byte[] {88, 0, 0, 0, 0, 0, 0, 0});
        expected.writeBytes(header.getBytes(StandardCharsets.UTF_8));
        expected.writeBytes(new byte[] {0, 0, (byte) 0x80, 0x3F, 0, 0, 0, (byte) 0xC0});
        assertThat(file).hasBinaryContent(expected.toByteArray());
    }

    @Test
    void refusesTheReservedNameAndLeavesNoFile() {
        Path file = directory.resolve("a.safetensors");
        assertThatThrownBy(() -> Safetensors.write(file, Map.of("__metadata__", Tensor.zeros(1)), Map.of()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("__metadata__");
        assertThat(file).doesNotExist();
    }

    @Test
    void aDirectoryHasOneFileOrAnIndex() throws IOException {
        Path none = directory.resolve("none");
        assertThatThrownBy(() -> Safetensors.openDirectory(none)).isInstanceOf(InputException.class)
                .hasMessage(none + ": weights: there is no such directory");
        assertThatThrownBy(() -> Safetensors.openDirectory(directory)).isInstanceOf(InputException.class).hasMessage(
                directory + ": weights: neither model.safetensors nor model.safetensors.index.json is there");
        Files.writeString(directory.resolve("model.safetensors.index.json"), "{\"weight_map\": {\"a\": \"b\"}}");
        Safetensors.write(directory.resolve("b"), Map.of("a", Tensor.zeros(2)), Map.of());
        try (TensorFile weights = Safetensors.openDirectory(directory)) {
            assertThat(weights.source()).hasFileName("model.safetensors.index.json");
            assertThat(weights.shape("a")).isEqualTo(Shape.of(2));
        }
        Safetensors.write(directory.resolve("model.safetensors"), Map.of(), Map.of());
        try (TensorFile weights = Safetensors.openDirectory(directory)) {
            assertThat(weights.source()).hasFileName("model.safetensors");
            assertThat(weights.names()).isEmpty();
        }
    }

    @Test
    void refusesFilesAndTensorsThatAreNotThere() {
        Path file = directory.resolve("a.safetensors");
        assertThatThrownBy(() -> Safetensors.open(file)).isInstanceOf(InputException.class)
                .hasMessage(file + ": open: there is no such file");
        assertThatThrownBy(() -> Safetensors.open(directory)).isInstanceOf(InputException.class)
                .hasMessage(directory + ": open: is a directory, a file is expected");
        Safetensors.write(file, Map.of("a", Tensor.zeros(2)), Map.of());
        TensorFile weights = Safetensors.open(file);
        assertThatThrownBy(() -> weights.read("b")).isInstanceOf(InputException.class)
                .hasMessage(file + ": b: there is no tensor of this name");
        weights.close();
        weights.close();
        assertThatThrownBy(() -> weights.read("a")).as("closed").isInstanceOf(IllegalStateException.class);
    }

    private static int[] bits(Tensor tensor) {
        int[] bits = new int[tensor.size()];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(tensor.data()[tensor.offset() + i]);
        }
        return bits;
    }
}
