package dev.lorikeet.transformer.weights;

import static dev.lorikeet.transformer.weights.OnnxBytes.floats;
import static dev.lorikeet.transformer.weights.OnnxBytes.matMul;
import static dev.lorikeet.transformer.weights.OnnxBytes.model;
import static dev.lorikeet.transformer.weights.OnnxBytes.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OnnxFileTest {
    private static final byte[] SIX = floats(1, 2, 3, 4, 5, 6);

    @TempDir
    private Path directory;

    private static OnnxBytes graph() {
        return new OnnxBytes().message(1, matMul("/encoder/layer.0/dense/MatMul", "onnx::MatMul_7"))
                .message(1, matMul("/scores/MatMul", "not an initialiser"))
                .message(5, tensor("encoder.layer.0.dense.bias", floats(-1, 0.5f, Float.MIN_VALUE), 3))
                .message(5, new OnnxBytes().number(1, 2).number(2, 7).text(8, "position_ids").bytes(9, new byte[16]))
                .message(5, tensor("onnx::MatMul_7", SIX, 2, 3));
    }

    @Test
    void namesLinearWeightsByTheirNodesAndTurnsThem() throws IOException {
        try (TensorFile weights = open(model(graph()))) {
            assertThat(weights.names()).containsExactly("encoder.layer.0.dense.bias", "encoder.layer.0.dense.weight");
            assertThat(weights.shape("encoder.layer.0.dense.weight")).isEqualTo(Shape.of(3, 2));
            assertThat(weights.dtype("encoder.layer.0.dense.weight")).isEqualTo(DType.F32);
            assertThat(weights.read("encoder.layer.0.dense.weight").shape()).isEqualTo(Shape.of(3, 2));
            assertThat(weights.read("encoder.layer.0.dense.weight").data()).containsExactly(1, 4, 2, 5, 3, 6);
            assertThat(weights.read("encoder.layer.0.dense.bias").data()).containsExactly(-1, 0.5f, Float.MIN_VALUE);
            assertThatThrownBy(() -> weights.read("position_ids")).isInstanceOf(InputException.class)
                    .hasMessageContaining("position_ids: there is no tensor of this name");
        }
    }

    @Test
    void readsPackedDimsAndFloatData() throws IOException {
        OnnxBytes dims = new OnnxBytes().varint(3).varint(2);
        OnnxBytes tensor = new OnnxBytes().message(1, dims).bytes(4, SIX).number(2, 1).text(8, "w");
        try (TensorFile weights = open(model(new OnnxBytes().message(5, tensor)))) {
            assertThat(weights.shape("w")).isEqualTo(Shape.of(3, 2));
            assertThat(weights.read("w").data()).containsExactly(1, 2, 3, 4, 5, 6);
        }
    }

    @Test
    void refusesAFileCutAnywhere() throws IOException {
        byte[] whole = model(graph());
        int graphStart = whole.length - graph().toBytes().length;
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> open(cut)).as("cut to %d of %d bytes, graph from %d", length, whole.length,
                    graphStart).isInstanceOf(InputException.class).hasMessageContaining("model.onnx: ");
        }
    }

    @Test
    void everyChangedByteIsReadOrRefused() throws IOException {
        byte[] whole = model(graph());
        for (int i = 0; i < 20 * whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i % whole.length] = (byte) Random.bits(3, i);
            try (TensorFile weights = open(changed)) {
                weights.names().forEach(weights::read);
            } catch (InputException e) {
                assertThat(e).hasMessageContaining("model.onnx: ");
            }
        }
    }

    static Stream<Arguments> lies() {
        OnnxBytes huge = new OnnxBytes().varint(9 << 3 | 2).varint(1L << 40);
        OnnxBytes negative = new OnnxBytes().varint(9 << 3 | 2).varint(-5);
        return Stream.of(lie(tensor("w", SIX, 2, 4), "w: has 24 bytes of data, shape (2, 4) of F32 needs 32"),
                lie(tensor("w", SIX, 5), "w: has 24 bytes of data, shape (5) of F32 needs 20"),
                lie(tensor("w", SIX, -2, -3), "w: dims [-2, -3] has a negative one"),
                lie(tensor("w", SIX, 1L << 31), "w: dims [2147483648] has 2^31 elements or more"),
                lie(tensor("w", SIX, 65536, 65536, 65536, 65536), "has 2^31 elements or more"),
                lie(tensor("w", SIX, 1L << 62, 4), "has 2^31 elements or more"),
                lie(tensor("", SIX, 6), "an initialiser without a name"),
                lie(tensor("w", SIX, 6).message(99, huge).number(2, 10), "data_type 10 is not supported"),
                lie(tensor("w", SIX, 6).bytes(9, SIX), "raw_data is there twice"),
                lie(tensor("w", SIX, 6).bytes(4, SIX), "float_data beside raw_data"),
                lie(tensor("w", SIX, 6).number(14, 1), "in another file, which is not supported"),
                lie(tensor("w", SIX, 6).text(13, "location"), "in another file, which is not supported"),
                lie(new OnnxBytes().text(8, "w").number(9, 5), "field 9 has wire type 0, 2 is expected"),
                lie(tensor("w", SIX, 6).text(2, "f32"), "field 2 has wire type 2, 0 is expected"),
                lie(tensor("w", SIX, 6).bytes(8, new byte[] {(byte) 0xFF}), "a text that is not UTF-8"),
                lie(new OnnxBytes().text(8, "w").number(2, 7).bytes(9, new byte[7]), "has 7 bytes of data"),
                lie(huge, "needs 1099511627776 bytes, 0 are left"),
                lie(negative, "needs 18446744073709551611 bytes, 0 are left"),
                lie(new OnnxBytes().varint(9 << 3 | 3), "wire type 3 is not known"),
                lie(new OnnxBytes().varint(2), "is not a field's number: 0"),
                lie(new OnnxBytes().varint(1L << 40), "is not a field's number"),
                Arguments.of(model(new OnnxBytes().message(5, tensor("w", SIX, 6)).message(5, tensor("w", SIX, 6))),
                        "w: two initialisers have this name"),
                Arguments.of(
                        model(new OnnxBytes().message(1, matMul("MatMul_3", "w")).message(5, tensor("w", SIX, 2, 3))),
                        "MatMul node \"MatMul_3\": /module/path/MatMul is expected, it names the weight w"),
                Arguments.of(
                        model(new OnnxBytes().message(1, matMul("/a/MatMul", "w")).message(5, tensor("w", SIX, 6))),
                        "w: the weight of a MatMul has two dimensions, not (6)"),
                Arguments.of(model(graph().message(5, tensor("encoder.layer.0.dense.weight", SIX, 6))),
                        "a MatMul node and an initialiser give this name"),
                Arguments.of(new OnnxBytes().number(1, 6).toBytes(), "there is no graph, this is not an ONNX model"),
                Arguments.of(new OnnxBytes().message(7, graph()).message(7, graph()).toBytes(), "there are two graphs"),
                Arguments.of(new byte[] {(byte) 0x80, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1},
                        "a number of more than 10"));
    }

    private static Arguments lie(OnnxBytes tensor, String expected) {
        return Arguments.of(model(new OnnxBytes().message(5, tensor)), expected);
    }

    @ParameterizedTest
    @MethodSource("lies")
    void refusesLies(byte[] file, String expected) {
        assertThatThrownBy(() -> open(file)).isInstanceOf(InputException.class)
                .hasMessageStartingWith(directory.resolve("model.onnx") + ": ").hasMessageContaining(expected);
    }

    private TensorFile open(byte[] file) throws IOException {
        return OnnxFile.open(Files.write(directory.resolve("model.onnx"), file));
    }
}
