package dev.lorikeet.transformer.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsLiesTest {
    private static final String HONEST = "{\"__metadata__\":{\"format\":\"pt\"}, "
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[8,24]}, "
            + "\"none\":{\"dtype\":\"F16\",\"shape\":[0,3],\"data_offsets\":[8,8]}, "
            + "\"a\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}  ";

    @TempDir
    private Path directory;

    private Path file(byte[] bytes) throws IOException {
        return Files.write(directory.resolve("a.safetensors"), bytes);
    }

    private static byte[] bytes(long length, byte[] header, int data) {
        return ByteBuffer.allocate(8 + header.length + data).order(ByteOrder.LITTLE_ENDIAN).putLong(length).put(header)
                .array();
    }

    private static byte[] bytes(String header) {
        byte[] utf8 = header.getBytes(StandardCharsets.UTF_8);
        return bytes(utf8.length, utf8, 24);
    }

    private void assertRefused(byte[] bytes, String expected) throws IOException {
        Path file = file(bytes);
        assertThatThrownBy(() -> Safetensors.open(file)).isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + ": ").hasMessageContaining(expected);
    }

    @Test
    void readsTensorsInAnyOrderAndWithoutElements() throws IOException {
        try (TensorFile weights = Safetensors.open(file(bytes(HONEST)))) {
            assertThat(weights.names()).containsExactly("b", "none", "a");
            assertThat(weights.shape("none")).isEqualTo(Shape.of(0, 3));
            assertThat(weights.read("b").toArray()).containsExactly(0, 0, 0, 0);
            assertThat(weights.read("a").shape()).isEqualTo(Shape.of());
        }
    }

    @Test
    void refusesAFileCutAnywhere() throws IOException {
        byte[] whole = bytes(HONEST);
        for (int length = 0; length < whole.length; length++) {
            assertRefused(Arrays.copyOf(whole, length), "");
        }
    }

    @Test
    void everyChangedByteIsReadOrRefused() throws IOException {
        byte[] whole = bytes(HONEST);
        for (int i = 0; i < 3 * whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i % whole.length] = (byte) Random.bits(3, i);
            try (TensorFile weights = Safetensors.open(file(changed))) {
                weights.names().forEach(weights::read);
            } catch (InputException e) {
                assertThat(e).hasMessageContaining("a.safetensors: ");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, 270, 0x7B00000000000000L})
    void refusesALengthThatIsNotTheHeaders(long length) throws IOException {
        byte[] header = HONEST.getBytes(StandardCharsets.UTF_8);
        assertRefused(bytes(length, header, 24), "header: its length says " + Long.toUnsignedString(length)
                + " bytes, the file has " + (header.length + 24) + " after it");
    }

    @Test
    void refusesAHeaderBeyondTheFormatsLimit() throws IOException {
        Path file = file(bytes(100_000_001, new byte[0], 0));
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(100_000_009);
        }
        assertThatThrownBy(() -> Safetensors.open(file)).isInstanceOf(InputException.class)
                .hasMessageEndingWith("100000000 is the most allowed");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                            | header: must start with {
            ` {}`                         | header: must start with {
            [{"a": 1}]                    | header: must start with {
            "a"                           | header: must start with {
            {                             | not valid JSON
            {} {}                         | there is text after the JSON object
            {}                            | byte 0 of the data: 24 bytes after the last tensor
            {"a": 5}                      | a: an object is expected, not 5
            {"a": null}                   | a: is null, an object is expected
            {"__metadata__": {"x": 1}}    | __metadata__.x: a string is expected, not 1
            {"__metadata__": "x"}         | __metadata__: an object is expected, not "x"
            """)
    void refusesAHeaderThatIsNoObjectOfObjects(String header, String expected) throws IOException {
        assertRefused(bytes(header), expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "dtype": "F32"  | "dtype": "F8_E4M3"   | a.dtype: unknown type F8_E4M3, known are F64, F32, F16, BF16
            "dtype": "F32"  | "dtype": "f32"       | a.dtype: unknown type f32
            "dtype": "F32"  | "dtype": 32          | a.dtype: a string is expected, not 32
            "dtype": "F32", | ``                   | a.dtype: is missing
            "dtype": "F32"  | "dtype": "F16"       | a.data_offsets: [0, 24) has 24 bytes, shape (2, 3) of F16 needs 12
            "dtype"         | "bits": 5, "dtype"   | a.bits: unknown field
            [2, 3]          | [2, 4]               | a.data_offsets: [0, 24) has 24 bytes, shape (2, 4) of F32 needs 32
            [2, 3]          | [5]                  | a.data_offsets: [0, 24) has 24 bytes, shape (5) of F32 needs 20
            [2, 3]          | [-2, -3]             | a.shape: whole numbers from 0 to 2^63-1 are expected, not -2
            [2, 3]          | [2.0, 3]             | a.shape: whole numbers from 0 to 2^63-1 are expected, not 2.0
            [2, 3]          | ["2", 3]             | a.shape: whole numbers from 0 to 2^63-1 are expected, not 2
            [2, 3]          | [null, 3]            | a.shape: whole numbers from 0 to 2^63-1 are expected, not null
            [2, 3]          | 6                    | a.shape: a list is expected, not 6
            [2, 3]          | [2147483648]         | a.shape: [2147483648] has 2^31 elements or more
            [2, 3]          | [65536, 65536]       | a.shape: [65536, 65536] has 2^31 elements or more
            [2, 3]          | [4294967296, 4294967296, 6]       | has 2^31 elements or more
            [2, 3]          | [9223372036854775807, 2]          | has 2^31 elements or more
            [2, 3]          | [18446744073709551622]            | a.shape: whole numbers from 0 to 2^63-1 are expected
            [0, 24]         | [24]                 | a.data_offsets: two offsets are expected, not 1
            [0, 24]         | [0, 24, 24]          | a.data_offsets: two offsets are expected, not 3
            [0, 24]         | [24, 0]              | a.data_offsets: [24, 0) is no range of the 24 bytes of data
            [0, 24]         | [0, 25]              | a.data_offsets: [0, 25) is no range of the 24 bytes of data
            [0, 24]         | [9223372036854775784, 9223372036854775807] | is no range of the 24 bytes of data
            [0, 24]         | [-24, 0]             | a.data_offsets: whole numbers from 0 to 2^63-1 are expected, not -24
            [0, 24]         | [0, 1.5]             | a.data_offsets: whole numbers from 0 to 2^63-1 are expected, not 1.5
            [0, 24]         | [0, 18446744073709551640]         | a.data_offsets: whole numbers from 0 to 2^63-1
            [0, 24]         | "0-24"               | a.data_offsets: a list is expected, not "0-24"
            """)
    void refusesAnEntryThatLies(String from, String to, String expected) throws IOException {
        String honest = "{\"a\": {\"dtype\": \"F32\", \"shape\": [2, 3], \"data_offsets\": [0, 24]}}";
        assertThat(honest).contains(from);
        Safetensors.open(file(bytes(honest))).close();
        assertRefused(bytes(honest.replace(from, to)), expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a 0 12, b 8 24       | b.data_offsets: starts at 8, within another tensor that ends at 12
            a 0 24, b 0 24       | data_offsets: starts at 0, within another tensor that ends at 24
            a 0 24, b 12 16      | b.data_offsets: starts at 12, within another tensor that ends at 24
            a 0 24, b 12 12      | b.data_offsets: starts at 12, within another tensor that ends at 24
            a 0 8, b 12 24       | b.data_offsets: starts at 12, the bytes from 8 on belong to no tensor
            b 4 24               | b.data_offsets: starts at 4, the bytes from 0 on belong to no tensor
            a 0 8, b 8 20        | byte 20 of the data: 4 bytes after the last tensor
            a 0 12, a 12 24      | not valid JSON: Duplicate field 'a'
            """)
    void refusesTensorsThatDoNotCoverTheData(String entries, String expected) throws IOException {
        String header = Arrays.stream(entries.split(", ")).map(entry -> entry.split(" "))
                .map(part -> "\"%s\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%s,%s]}".formatted(part[0],
                        Integer.parseInt(part[2]) - Integer.parseInt(part[1]), part[1], part[2]))
                .reduce((one, other) -> one + "," + other).orElseThrow();
        assertRefused(bytes("{" + header + "}"), expected);
    }

    @Test
    void refusesAHeaderThatIsNotUtf8() throws IOException {
        byte[] header = HONEST.replace('b', 'é').getBytes(StandardCharsets.ISO_8859_1);
        assertRefused(bytes(header.length, header, 24), "the text is not UTF-8");
    }
}
