package dev.lorikeet.transformer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people have instead of a UTF-8 table with a header: it is read, or named with the way on. */
class FileKindsTest {
    private static final String TABLE = "text\tlabel\nun été 😀\tx\n数\ty\n";
    private static final Dataset<String> EXPECTED = new Dataset<>("a.tsv",
            List.of(new Example<>("un été 😀", 0), new Example<>("数", 1)), List.of("x", "y"));

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE"})
    void aByteOrderMarkSaysTheEncoding(String charset) throws IOException {
        byte[] bytes = ("\uFEFF" + TABLE).getBytes(Charset.forName(charset));
        assertThat(read("a.tsv", bytes)).isEqualTo(EXPECTED);
        assertThat(read("a.tsv", gzip(bytes))).isEqualTo(EXPECTED);
    }

    @Test
    void utf16WithoutAMarkIsNamed() {
        refused("a.tsv", TABLE.getBytes(StandardCharsets.UTF_16LE),
                "start: is UTF-16 without a byte order mark, low bytes first; write it with one, or as UTF-8");
        refused("a.tsv", TABLE.getBytes(StandardCharsets.UTF_16BE),
                "start: is UTF-16 without a byte order mark, high bytes first; write it with one, or as UTF-8");
        byte[] odd = ("\uFEFF" + TABLE).getBytes(StandardCharsets.UTF_16LE);
        refused("a.tsv", Arrays.copyOf(odd, odd.length - 1), "line 3: is not UTF-16LE");
    }

    @Test
    void gzipIsReadByEitherName() throws IOException {
        byte[] bytes = gzip(TABLE.getBytes(StandardCharsets.UTF_8));
        for (String name : List.of("a.tsv", "a.tsv.gz", "a.TSV.GZ")) {
            assertThat(read(name, bytes).examples()).isEqualTo(EXPECTED.examples());
        }
        byte[] twice = Arrays.copyOf(bytes, 2 * bytes.length);
        System.arraycopy(gzip("z\tx\n".getBytes(StandardCharsets.UTF_8)), 0, twice, bytes.length, 24);
        assertThat(read("a.tsv", Arrays.copyOf(twice, bytes.length + 24)).size()).as("two members")
                .isEqualTo(3);
        refused("a.tsv", Arrays.copyOf(bytes, bytes.length - 9),
                "line 1: the gzip data ends or is damaged here: Unexpected end of ZLIB input stream");
        bytes[bytes.length - 6] ^= 1;
        refused("a.tsv", bytes, "line 1: the gzip data ends or is damaged here: Corrupt GZIP trailer");
        refused("a.tsv", new byte[] {0x1f, (byte) 0x8b, 8},
                "line 1: the gzip data ends or is damaged here: null");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            504b030414000600           | is a zip archive, as .xlsx files are
            425a6839314159265359a1     | is bzip2
            fd377a585a000004           | is xz
            28b52ffd0458               | is zstd
            504152311504               | is Parquet
            255044462d312e37           | is PDF
            fffe000074000000           | is UTF-32
            0000feff00000074           | is UTF-32
            """)
    void otherKindsAreNamed(String start, String expected) {
        refused("a.csv", HexFormat.of().parseHex(start),
                "start: " + expected + ", a text in UTF-8 is expected");
    }

    @Test
    void bytesOfNoTextAreNamed() {
        refused("a.csv", new byte[] {1, 0, 0, 7}, "start: is not a text: it has bytes of 0");
        refused("a.csv", gzipTwice(), "start: is gzip within gzip, a text in UTF-8 is expected");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '@', textBlock = """
            a.tsv @ 'good>pos~bad>neg'           @
            a.csv @ '"good","pos"~bad,neg'       @
            a.csv @ '"good";"pos"~bad;neg'       @ ;
            a.tsv @ 'good|pos~bad|neg~'          @ |
            """)
    void withoutAHeaderColumnsAreNumbers(String name, String content, @Nullable Character delimiter)
            throws IOException {
        byte[] bytes = text(content).getBytes(StandardCharsets.UTF_8);
        assertThat(read(name, bytes, new TableFormat(false, delimiter), "1", "2").examples())
                .containsExactly(new Example<>("good", 1), new Example<>("bad", 0));
        assertThat(read(name, bytes, new TableFormat(false, delimiter), "2", "1").examples())
                .containsExactly(new Example<>("pos", 1), new Example<>("neg", 0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '@', textBlock = """
            a.tsv @ 'good>pos~bad>neg'       @ line 1: there is no column "text", there are good, pos; \
            without a header say --no-header and number the columns from 1, as --text-column 1
            a.csv @ 'text;label~a;b'         @ line 1: there is no column "text", there are text;label; \
            for fields between others say --delimiter ';'
            a.csv @ '"text";"label"~a;b'     @ line 1: text after a closing quote; each quote inside a field \
            is written twice; for fields between others say --delimiter ';'
            a.tsv @ 'text,label~a,b'         @ line 1: there is no column "text", there are text,label; \
            for fields between others say --delimiter ','
            a.csv @ 'text>label~a>b'         @ line 1: there is no column "text", there are text\\tlabel; \
            for fields between others say --delimiter '\\t'
            """)
    void messagesSayTheWayOn(String name, String content, String expected) {
        refused(name, text(content).getBytes(StandardCharsets.UTF_8), expected);
    }

    @Test
    void withoutAHeaderTooRowsAreChecked() {
        TableFormat numbers = new TableFormat(false, null);
        for (String[] each : new String[][] {
            {"a.tsv", "a\tb\n", "3", "line 1: there is no column 3, there are 2"},
            {"a.tsv", "a\tb\tc\na\tb\n", "3", "line 2: 2 fields, the first line has 3"},
            {"a.tsv", "", "3", "line 1: the file is empty"},
            {"a.tsv", "a\tb\n", "label", "column \"label\": without a header, columns are numbers from 1 on"},
            {"a.jsonl", "{}", "3", "name: JSON lines have neither a header nor a delimiter"}}) {
            assertThatThrownBy(() -> read(each[0], each[1].getBytes(StandardCharsets.UTF_8), numbers, "1", each[2]))
                    .isInstanceOf(InputException.class).hasMessage(directory.resolve(each[0]) + ": " + each[3]);
        }
    }

    @Test
    void columnsAreThoseOfTheFirstRow() throws IOException {
        for (String[] each : new String[][] {{"a.tsv", "x\ty\n1\t2\n", "x,y"}, {"a.csv", "\"x\",y z\n", "x,y z"},
            {"a.jsonl", "\n{\"x\": 1, \"y\": [2]}\n{}", "x,y"}, {"a.csv", "", ""}, {"a.jsonl", "", ""}}) {
            Path file = Files.writeString(directory.resolve(each[0]), each[1]);
            assertThat(String.join(",", new Table(file, TableFormat.STANDARD).columns())).isEqualTo(each[2]);
        }
        Path file = Files.writeString(directory.resolve("a.tsv"), "x\ty\n");
        assertThat(new Table(file, new TableFormat(false, null)).columns()).containsExactly("1", "2");
    }

    private Dataset<String> read(String name, byte[] content) throws IOException {
        return read(name, content, TableFormat.STANDARD, "text", "label");
    }

    private Dataset<String> read(String name, byte[] content, TableFormat format, String text, String label)
            throws IOException {
        Path file = Files.write(directory.resolve(name), content);
        return new DataFile<>(new Table(file, format), Input.text(text), label).read();
    }

    private void refused(String name, byte[] content, String rule) {
        assertThatThrownBy(() -> read(name, content))
                .isInstanceOf(InputException.class).hasMessage(directory.resolve(name) + ": " + rule);
    }

    private static byte[] gzipTwice() {
        return gzip(gzip(new byte[] {'a'}));
    }

    private static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private static String text(String content) {
        return content.replace('>', '\t').replace('~', '\n');
    }
}
