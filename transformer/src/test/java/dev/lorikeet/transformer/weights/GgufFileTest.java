package dev.lorikeet.transformer.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of the Python package gguf, which {@code fixtures/make_gguf.py} made, and files that lie. */
class GgufFileTest {
    private static final Path RECORDED = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "gguf");
    private static final Path TYPES = RECORDED.resolve("types.gguf");
    private static final String SPLIT = "split-0000%d-of-00003.gguf";
    private static final long MOST_BYTES = 64L << 20;
    private static final long MOST_NANOS = 2_000_000_000L;

    @TempDir
    private Path directory;

    @Test
    void everyTypeIsReadAsGgufDecodesIt() {
        try (GgufFile file = GgufFile.open(TYPES);
                TensorFile expected = Safetensors.open(
                        RECORDED.resolve("types.safetensors"))) {
            assertThat(file.names()).containsExactlyInAnyOrderElementsOf(expected.names()).hasSize(15);
            for (String name : file.names()) {
                assertThat(file.shape(name)).as(name).isEqualTo(expected.shape(name));
                assertThat(file.read(name).toArray()).as(name).isEqualTo(expected.read(name).toArray());
            }
            assertThat(file.dtype("q4_k.weight")).isEqualTo(DType.Q4_K);
            assertThat(file.shape("cube")).isEqualTo(Shape.of(2, 3, 4));
            assertThat(file.<Long>take("q6_k.weight", bytes -> bytes.byteSize())).isEqualTo(3L * 2 * 210);
        }
    }

    @Test
    void valuesOfEveryTypeAreRead() {
        try (GgufFile file = GgufFile.open(TYPES)) {
            GgufMetadata values = file.values();
            assertThat(values.string("general.architecture")).isEqualTo("llama");
            assertThat(values.integer("a.uint8")).isEqualTo(200);
            assertThat(values.integer("a.int8")).isEqualTo(-100);
            assertThat(values.integer("a.uint16")).isEqualTo(60000);
            assertThat(values.integer("a.int16")).isEqualTo(-30000);
            assertThat(values.integer("a.int32")).isEqualTo(-2_000_000_000);
            assertThat(values.integer("a.small64")).isEqualTo(7);
            assertThat(values.number("a.float32")).isEqualTo(0.1f);
            assertThat(values.number("a.float64")).isEqualTo(0.1);
            assertThat(values.flag("a.true")).isTrue();
            assertThat(values.flag("a.false")).isFalse();
            assertThat(values.string("a.string")).isEqualTo("Ġé😀");
            assertThat(values.strings("a.strings")).containsExactly("", "▁the", "\n");
            assertThat(values.integers("a.int32s")).containsExactly(3, -1, Integer.MAX_VALUE);
            assertThat(values.numbers("a.floats")).containsExactly(0.5f, -1.25f);
            assertThat(values.shown("a.uint64")).isEqualTo("9223372036854775808");
            assertThat(values.shown("a.strings")).isEqualTo("a list of 3 of type STRING");
            assertThat(file.metadata()).containsEntry("a.string", "Ġé😀").doesNotContainKeys("a.strings", "a.int8");
            assertRefused(() -> values.integer("a.uint32"), "a.uint32: 4000000000 is no whole number of 32 bits");
            assertRefused(() -> values.integer("a.uint64"), "a.uint64: 9223372036854775808 is no");
            assertRefused(() -> values.integer("a.true"), "a.true: a whole number is expected, not type BOOL");
            assertRefused(() -> values.strings("a.int32s"), "a.int32s: a list of strings is expected, not a list of 3");
            assertRefused(() -> values.string("b"), "b: is missing");
        }
    }

    @Test
    void versionTwoIsTheSame() throws IOException {
        try (GgufFile file = GgufFile.open(changed(bytes -> bytes.putInt(4, 2)))) {
            assertThat(file.read("q5_1.weight").size()).isEqualTo(3 * 512);
        }
    }

    @Test
    void severalFilesAreOneOrNone() throws IOException {
        try (GgufFile file = GgufFile.open(RECORDED.resolve(SPLIT.formatted(1)))) {
            assertThat(file.names()).containsExactly("t.0", "t.1", "t.2", "t.3", "t.4");
            assertThat(file.read("t.4").toArray()).containsOnly(4);
            assertThat(file.values().string("a.string")).isEqualTo("whole");
        }
        assertRefused(() -> GgufFile.open(RECORDED.resolve(SPLIT.formatted(2))),
                "split.count: says 3 files, of which the first is given, called NAME-00001-of-00003.gguf");
        for (int i = 1; i <= 2; i++) {
            Files.copy(RECORDED.resolve(SPLIT.formatted(i)), directory.resolve(SPLIT.formatted(i)));
        }
        assertRefused(() -> GgufFile.open(directory.resolve(SPLIT.formatted(1))),
                "split-00003-of-00003.gguf: open: there is no such file");
        Files.copy(RECORDED.resolve(SPLIT.formatted(2)), directory.resolve(SPLIT.formatted(3)));
        assertRefused(() -> GgufFile.open(directory.resolve(SPLIT.formatted(1))), "t.2: there are two tensors");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            0  | 1  | byte 0: the four letters GGUF are expected
            4  | 1  | version: 1 is not read, 2 and 3 are
            4  | 50331648 | version: the file is big-endian
            8  | -1 | byte 8: the number of tensors
            16 | 99999 | byte 16: the number of keys 99999, and the file has
            24 | 99999 | byte 32: a key of 99999 bytes, the file has
            """)
    void fieldsThatLieAreNamed(int at, int value, String message) throws IOException {
        Path file = changed(bytes -> bytes.putInt(at, value));
        assertRefused(() -> GgufFile.open(file), "changed.gguf: " + message);
    }

    @Test
    void tensorsThatLieAreNamed() throws IOException {
        int name = indexOf("q4_k.weight"); // then dimensions (4), 512 and 3 (8 each), type (4), offset (8)
        int after = name + "q4_k.weight".length();
        lies(bytes -> bytes.putInt(after, 5), "q4_k.weight: 5 dimensions, 4 are the most");
        lies(bytes -> bytes.putLong(after + 4, 511), "q4_k.weight: rows of Q4_K are whole blocks of 256");
        lies(bytes -> bytes.putLong(after + 4, 1L << 40), "q4_k.weight: a dimension of 1099511627776 makes");
        lies(bytes -> bytes.putInt(after + 20, 10), "q4_k.weight: type Q2_K is not read, these are: BF16, F16");
        lies(bytes -> bytes.putLong(after + 24, 33), "q4_k.weight: begins at byte 33 of the data, a multiple of 32");
        lies(bytes -> bytes.putLong(after + 24, 0), "within another tensor");
        lies(bytes -> bytes.putLong(after + 24, 1L << 50), "q4_k.weight: begins at byte 1125899906842624 of the data");
    }

    private interface Change {
        void in(ByteBuffer bytes);
    }

    private void lies(Change change, String message) throws IOException {
        Path file = changed(change);
        assertRefused(() -> GgufFile.open(file), message);
    }

    private Path changed(Change change) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(TYPES)).order(ByteOrder.LITTLE_ENDIAN);
        change.in(bytes);
        return Files.write(directory.resolve("changed.gguf"), bytes.array());
    }

    private static int indexOf(String text) throws IOException {
        return new String(Files.readAllBytes(TYPES), java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(text);
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(InputException.class).hasMessageContaining(message);
    }

    @Test
    void aFileThatEndsTooEarlyIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(TYPES);
        for (int i = 0; i < 200; i++) {
            Path file = Files.write(directory.resolve("short.gguf"), Arrays.copyOf(whole, whole.length / 200 * i));
            assertThat(opened(file)).as("cut at " + whole.length / 200 * i).isFalse();
        }
    }

    /** Whatever a number in the header is, the file is read or refused, soon and with little memory. */
    @Test
    void anyNumberInTheHeaderIsReadOrRefused() throws IOException {
        byte[] whole = Files.readAllBytes(TYPES);
        Random random = new Random(5);
        Path path = directory.resolve("header.gguf");
        int header = indexOf("cube") + 60;
        int refused = 0;
        for (int at = 0; at < header; at += 4) {
            for (long value : new long[] {0, -1, Long.MAX_VALUE, random.nextLong()}) {
                ByteBuffer bytes = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
                refused += opened(Files.write(path, bytes.putLong(at, value).array())) ? 0 : 1;
            }
        }
        assertThat(refused).isGreaterThan(header / 4);
    }

    private static boolean opened(Path file) {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long bytes = thread.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        boolean opened = true;
        try (GgufFile open = GgufFile.open(file)) {
            for (String key : open.values().keys()) {
                open.values().shown(key);
            }
            for (String name : open.names()) {
                open.read(name);
            }
        } catch (InputException e) {
            opened = false;
            assertThat(e).hasMessageStartingWith(file + ": ");
            assertThat(e.getMessage()).hasSizeLessThan(501);
        }
        assertThat(System.nanoTime() - start).isLessThan(MOST_NANOS);
        assertThat(thread.getCurrentThreadAllocatedBytes() - bytes).isLessThan(MOST_BYTES);
        return opened;
    }
}
