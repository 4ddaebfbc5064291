package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.weights.DType;
import dev.lorikeet.transformer.weights.GgufFile;
import dev.lorikeet.transformer.weights.GgufModel;
import dev.lorikeet.transformer.weights.GgufWriter;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class GgufOutputTest {
    private static final Path RECORDED = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "gguf");

    @TempDir
    private Path directory;

    static List<String> names() throws IOException {
        return GgufModelFixtureTest.names();
    }

    /** In float32 all numbers are those that were read, rows and norms in the order and form of the source. */
    @ParameterizedTest
    @MethodSource("names")
    void aModelIsWrittenAsItWasRead(String name) {
        Path source = RECORDED.resolve("models").resolve(name + ".gguf");
        Path written = directory.resolve("written.gguf");
        Model model = Model.load(source);
        model.writeGguf(model.backbone(), DType.F32, written);
        try (GgufFile before = GgufFile.open(source); GgufFile after = GgufFile.open(written)) {
            assertThat(after.names()).containsExactlyInAnyOrderElementsOf(before.names());
            for (String tensor : before.names()) {
                assertThat(after.dtype(tensor)).isEqualTo(DType.F32);
                assertThat(after.shape(tensor)).isEqualTo(before.shape(tensor));
                RecordedModel.assertClose(tensor, after.read(tensor), before.read(tensor), 1e-6); // less 1, plus 1
            }
            for (String key : before.values().keys()) {
                assertThat(after.values().shown(key)).isEqualTo(before.values().shown(key));
            }
        }
        try (GgufModel before = GgufModel.open(source); GgufModel after = GgufModel.open(written)) {
            assertThat(after.config().fields()).isEqualTo(before.config().fields());
        }
    }

    /** By llama.cpp's numbers, 4 is that of rerankers. */
    @ParameterizedTest
    @CsvSource({"0,", "1, MEAN", "2, CLS", "3, LAST_TOKEN", "4,", "5,"})
    void thePoolingOfAnEncoderIsRead(int type, EmbeddingHead.@Nullable Pooling expected) {
        Path source = RECORDED.resolve("models/bert-q8_0.gguf");
        assertThat(Model.load(source).pooling()).isNull();
        Path pooled = pooled(source, type, directory.resolve("pooled.gguf"));
        if (type > 3) {
            assertThatThrownBy(() -> Model.load(pooled)).isInstanceOf(InputException.class).hasMessage(pooled
                    + ": bert.pooling_type: is " + type + (type == 4 ? ", rank, of a head that is not read" : "")
                    + "; 0, none, 1, mean, 2, cls, and 3, last, are supported");
            return;
        }
        Model model = Model.load(pooled);
        assertThat(model.pooling()).isEqualTo(expected);
        Path written = directory.resolve("again.gguf");
        model.writeGguf(model.backbone(), DType.F32, written);
        assertThat(Model.load(written).pooling()).isEqualTo(expected);
    }

    /** A file of BERT's as {@code to}, that says how it pools. */
    static Path pooled(Path source, int type, Path to) {
        GgufWriter writer = new GgufWriter("bert");
        try (GgufFile file = GgufFile.open(source)) {
            file.values().keys().stream().filter(key -> !key.equals("general.architecture"))
                    .forEach(key -> writer.put(key, file.values()));
            writer.put("bert.pooling_type", type);
            file.names().forEach(name -> writer.tensor(name, file.shape(name), DType.F32, () -> file.read(name)));
            writer.write(to);
        }
        return to;
    }

    @ParameterizedTest
    @CsvSource({"F16, f16", "BF16, bf16", "Q8_0, q8_0"})
    void numbersAreRoundedAsGgufRoundsThem(DType dtype, String recorded) {
        try (GgufFile types = GgufFile.open(RECORDED.resolve("types.gguf"))) {
            Tensor numbers = types.read("f32.weight");
            GgufWriter writer = new GgufWriter("llama");
            writer.tensor("a", numbers.shape(), dtype, () -> numbers);
            writer.tensor("norm", Shape.of(512), dtype, () -> numbers.rows(0, 1).reshape(512));
            writer.tensor("odd", Shape.of(1, 5), dtype, () -> Tensor.of(new float[] {1, 2, 3, 4, 5}, 1, 5));
            writer.write(directory.resolve("rounded.gguf"));
            try (GgufFile file = GgufFile.open(directory.resolve("rounded.gguf"))) {
                byte[] expected = types.take("f32.as_" + recorded, bytes -> bytes.toArray(ValueLayout.JAVA_BYTE));
                assertThat(file.<byte[]>take("a", bytes -> bytes.toArray(ValueLayout.JAVA_BYTE))).isEqualTo(expected);
                assertThat(file.dtype("norm")).isEqualTo(DType.F32);
                assertThat(file.dtype("odd")).isEqualTo(dtype == DType.Q8_0 ? DType.F16 : dtype);
                assertThat(file.read("odd").toArray()).containsExactly(1, 2, 3, 4, 5);
            }
        }
    }

    @Test
    void numbersThatDoNotFitAreRefused() {
        assertRefused(DType.F16, 70000f, "a: element 33 is 70000.0, which F16 does not hold");
        assertRefused(DType.F32, Float.NaN, "a: element 33 is NaN, which F32 does not hold");
        assertRefused(DType.Q8_0, 1e30f, "a: element 32 is 0.0, which Q8_0 does not hold");
        assertThatThrownBy(() -> new GgufWriter("llama").tensor("a", Shape.of(2, 32), DType.Q4_0, () -> {
            throw new AssertionError();
        })).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("Q4_0 is not written");
    }

    private void assertRefused(DType dtype, float number, String message) {
        Tensor tensor = Tensor.zeros(2, 32);
        tensor.data()[33] = number;
        GgufWriter writer = new GgufWriter("llama");
        writer.tensor("a", tensor.shape(), dtype, () -> tensor);
        Path file = directory.resolve("refused.gguf");
        assertThatThrownBy(() -> writer.write(file)).isInstanceOf(InputException.class)
                .hasMessageEndingWith("refused.gguf: " + message);
        assertThat(file).doesNotExist();
    }
}
