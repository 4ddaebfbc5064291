package dev.lorikeet.transformer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataFileTest {
    @TempDir
    private Path directory;

    @Test
    void readsTsv() {
        Dataset<String> dataset = read("a.tsv", "text\tid\tlabel\na \"quoted\" cat\t1\tanimal\n\nan oak\t2\tplant\n");
        assertThat(dataset).isEqualTo(new Dataset<>("a.tsv",
                List.of(new Example<>("a \"quoted\" cat", 0), new Example<>("an oak", 1)), List.of("animal", "plant")));
    }

    @Test
    void readsCsvAsRfc4180HasIt() {
        Dataset<String> dataset = read("a.csv",
                "\uFEFFlabel,text\r\nx,\"a, \"\"b\"\"\r\nc\"\r\n\"y\",plain é\uD83D\uDE00\r\nx,\"last\"");
        assertThat(dataset.examples()).containsExactly(new Example<>("a, \"b\"\r\nc", 0),
                new Example<>("plain é\uD83D\uDE00", 1), new Example<>("last", 0));
    }

    @Test
    void readsJsonLines() {
        Dataset<String> dataset = read("a.jsonl", "{\"text\": \"a\\nb\", \"label\": 1, \"more\": [1]}\r\n\n"
                + "{\"label\": \"x\", \"text\": \"c\"}\n{\"label\": true, \"text\": \"d\"}");
        assertThat(dataset.labels()).containsExactly("1", "true", "x");
        assertThat(dataset.examples()).containsExactly(new Example<>("a\nb", 0), new Example<>("c", 2),
                new Example<>("d", 1));
    }

    @Test
    void knownLabelsKeepTheirNumbers() {
        Dataset<String> dataset = read("a.tsv", "text\tlabel\na\tx\n", List.of("z", "y", "x"));
        assertThat(dataset.examples()).containsExactly(new Example<>("a", 2));
        assertThat(dataset.labels()).containsExactly("z", "y", "x");
    }

    @Test
    void theFirstExamplesAreInTheFilesOrder() {
        Dataset<String> dataset = read("a.tsv", "text\tlabel\na\tx\nb\ty\nc\tx\n");
        assertThat(dataset.first(2).examples()).containsExactly(new Example<>("a", 0), new Example<>("b", 1));
        assertThat(dataset.first(9)).isEqualTo(dataset);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.tsv", "a.csv", "a.jsonl"})
    void aSampleOfASortedFileHasEachClassInItsShare(String name) throws IOException {
        StringBuilder content = new StringBuilder(name.endsWith("jsonl") ? "" : "text,label\n");
        for (int i = 0; i < 90; i++) {
            String label = i < 60 ? "bad" : "good";
            content.append(name.endsWith("jsonl") ? "{\"text\": \"t" + i + "\", \"label\": \"" + label + "\"}\n"
                    : "t" + i + "," + label + "\n");
        }
        Path file = Files.writeString(directory.resolve(name),
                name.endsWith("tsv") ? content.toString().replace(',', '\t') : content);
        DataFile<String> data = new DataFile<>(new Table(file, TableFormat.STANDARD), Input.text("text"), "label");
        Dataset<String> sample = data.sample(12, 1);
        assertThat(sample.examples()).extracting(Example::label).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1);
        Dataset<String> all = data.read();
        assertThat(all.examples()).containsSubsequence(sample.examples());
        assertThat(all.sample(12, 1)).as("as from memory").isEqualTo(sample);
        assertThat(data.sample(12, 1)).isEqualTo(sample);
        assertThat(data.sample(12, 2)).isNotEqualTo(sample);
        assertThat(data.sample(30, 1).examples()).as("more of the same").containsAll(sample.examples());
        assertThat(data.sample(90, 1)).isEqualTo(data.sample(1000, 1)).isEqualTo(all);
    }

    /**
     * The buffers have 65,536 bytes and characters: line ends, quotes and letters of several bytes fall across them.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void largeFilesAreReadInPieces(int shift) throws IOException {
        List<Example<String>> expected = new ArrayList<>();
        StringBuilder content = new StringBuilder("text,label\r\n\"" + "x".repeat(shift) + "\",x\r\n");
        expected.add(new Example<>("x".repeat(shift), 0));
        for (int i = 0; i < 9000; i++) {
            content.append("\"é😀 \"\"").append(i).append("\"\"\r\n\",").append(i % 2 == 0 ? 'x' : 'y').append("\r\n");
            expected.add(new Example<>("é😀 \"" + i + "\"\r\n", i % 2));
        }
        Path file = directory.resolve("a.csv");
        Files.writeString(file, shift == 0 ? content.substring(content.indexOf("\"é")) : content);
        if (shift == 0) {
            Files.writeString(file, "text,label\r\n" + Files.readString(file));
            expected.removeFirst();
        }
        assertThat(DataFile.read(file, "text", "label").examples()).isEqualTo(expected);
        Files.write(file, new byte[] {'\n', (byte) 0xE9}, StandardOpenOption.APPEND);
        assertThatThrownBy(() -> DataFile.read(file, "text", "label")).isInstanceOf(InputException.class)
                .hasMessage(file + ": line " + (2 * expected.size() + (shift == 0 ? 3 : 2)) + ": is not UTF-8");
    }

    @Test
    void refusesAColumnThatIsNoLabel() {
        StringBuilder content = new StringBuilder("text\tid\tlabel\n");
        for (int i = 0; i < 200_000; i++) {
            content.append("text\t").append(i).append('\t').append(i % 2 == 0 ? i : i - 1).append('\n');
        }
        assertThat(read("a.tsv", content.toString()).labels()).hasSize(100_000);
        DataFile<String> other = new DataFile<>(new Table(directory.resolve("a.tsv"), TableFormat.STANDARD),
                Input.text("text"), "id");
        for (ThrowingCallable reading : List.<ThrowingCallable>of(other::read, () -> other.sample(10, 1))) {
            assertThatThrownBy(reading).isInstanceOf(InputException.class).hasMessage(directory.resolve("a.tsv")
                    + ": column \"id\": has 100000 different values in 100000 rows: these are no classes; which column "
                    + "has them?");
        }
        String few = content.substring(0, content.indexOf("text\t99\t")).replace("id\tlabel", "label\tid");
        assertThat(read("b.tsv", few).labels()).hasSize(99);
        assertThatThrownBy(() -> read("c.tsv", few + "text\t99\t0\n")).isInstanceOf(InputException.class)
                .hasMessageContaining("column \"label\": has 100 different values in 100 rows");
    }

    @Test
    void listsAreCut() {
        String header = IntStream.range(0, 1000).mapToObj(i -> "column" + i).collect(Collectors.joining("\t"));
        assertThatThrownBy(() -> read("a.tsv", header + "\n")).isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "line 1: there is no column \"text\", there are column0, column1, column2, column3, "
                                + "column4, column5, column6, column7, column8, column9, column10, column11 and 988 "
                                + "more");
        List<String> labels = IntStream.range(0, 1000).mapToObj(i -> i + "x".repeat(90)).toList();
        assertThatThrownBy(() -> read("a.tsv", "text\tlabel\na\t" + "y".repeat(1000) + "\n", labels))
                .isInstanceOf(InputException.class).hasMessageContaining("line 2: unknown label \"yyy")
                .hasMessageEndingWith("xxx… and 988 more").message().hasSizeLessThan(1000);
    }

    @Test
    void refusesTextThatDoesNotFitIntoMemory() {
        KeptText kept = new KeptText(4 << 20);
        String narrow = "é".repeat(1 << 20);
        kept.add(narrow, InputException::new);
        assertThatThrownBy(() -> kept.add(narrow, rule -> new InputException(Path.of("a.tsv"), "line 3", rule)))
                .isInstanceOf(InputException.class)
                .hasMessage("a.tsv: line 3: the texts up to here fill half of the memory, 2 MiB; take fewer (limit) or "
                        + "give the JVM more (-Xmx)");
        assertThatThrownBy(() -> new KeptText(4 << 20).add("→".repeat(1 << 20), InputException::new))
                .isInstanceOf(InputException.class);
    }

    @Test
    void refusesALineThatDoesNotEnd() {
        assertThatThrownBy(() -> read("a.tsv", "text\tlabel\n\n" + "x".repeat((1 << 24) + 1)))
                .isInstanceOf(InputException.class).hasMessageEndingWith("line 3: is longer than 2^24 characters");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a.tsv   | ''                                | line 1: the file is empty
            a.csv   | '~~'                              | line 1: the file is empty
            a.tsv   | 'text>label~'                     | examples: there are none
            a.jsonl | ''                                | examples: there are none
            a.txt   | 'text>label~a>x~'                 | column "label": a file of texts alone has the column text
            a.yaml  | 'text>label~a>x~'                 | name: the ending must be .tsv, .csv or .jsonl, or .txt of texts alone
            a.tsv   | 'text>class~a>x~'                 | line 1: there is no column "label", there are text, class
            a.csv   | 'label,text,text~a,b,c'           | line 1: a column name occurs twice
            a.tsv   | 'text>label~a>x~b~'               | line 3: 1 field, the header has 2
            a.tsv   | 'text>label~a>x>y~'               | line 2: 3 fields, the header has 2
            a.tsv   | 'text>label~a>x~b>z~'             | line 3: unknown label "z", known are x, y
            a.tsv   | 'text>label~a>~'                  | line 2: the label (column "label") is empty
            a.tsv   | 'text>label~ >x~'                 | line 2: the text (column "text") is empty
            a.csv   | 'text,label~"a~b",x~"c,y~'        | line 4: a quote is opened here and never closed
            a.csv   | 'text,label~"a"b,x'               | line 2: text after a closing quote
            a.csv   | 'text,label~a"b",x'               | line 2: a quote inside a field
            a.jsonl | '{"text": "a", "label": "x"}~{"text": "b"}' | line 2.label: is missing
            a.jsonl | '{"text": 1, "label": "x"}'       | line 1.text: a string is expected, not 1
            a.tsv   | 'text^label^a^x^'                 | line 1: has a carriage return (CR) without a line feed
            a.tsv   | 'text>label~a>x~b>y^'             | line 3: has a carriage return (CR) without a line feed
            a.tsv   | 'text>label~a>x~b^c>y'            | line 3: has a carriage return (CR) without a line feed
            a.csv   | 'text,label~a,x~b,y^'             | line 3: has a carriage return (CR) without a line feed
            a.csv   | 'text,label~"a^",x^b,y'           | line 2: has a carriage return (CR) without a line feed
            a.jsonl | '{"text": "a", "label": "x"}^{"text": "b", "label": "y"}' | line 1: has a carriage return (CR)
            a.jsonl | '{"text": "a", "label": "x"}~^'   | line 2: has a carriage return (CR) without a line feed
            a.jsonl | '{"text": "a", "label": 1.5}'     | line 1.label: a string is expected, not 1.5
            a.jsonl | '~{"text": "a", '                 | line 2, column
            a.jsonl | '{"text": "a", "label": "x"} {}'  | there is text after the JSON object
            a.jsonl | '~["a", "x"]'                     | line 2: a JSON object, starting with {, is expected
            """)
    void refusesWithFilePlaceAndRule(String name, String content, String expected) {
        String text = content.replace('>', '\t').replace('~', '\n').replace('^', '\r');
        assertThatThrownBy(() -> read(name, text, List.of("x", "y"))).isInstanceOf(InputException.class)
                .hasMessageStartingWith(directory.resolve(name) + ": ").hasMessageContaining(expected);
    }

    @Test
    void refusesBytesThatAreNotUtf8() throws IOException {
        Path file = directory.resolve("latin.tsv");
        Files.write(file, "text\tlabel\ncaf\u00E9\tx\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> DataFile.read(file, "text", "label")).isInstanceOf(InputException.class)
                .hasMessage(file + ": line 2: is not UTF-8");
    }

    @Test
    void refusesAMissingFile() {
        Path file = directory.resolve("none.csv");
        assertThatThrownBy(() -> DataFile.read(file, "text", "label")).isInstanceOf(InputException.class)
                .hasMessage(file + ": open: there is no such file");
    }

    private Dataset<String> read(String name, String content) {
        return read(name, content, null);
    }

    private Dataset<String> read(String name, String content, @Nullable List<String> knownLabels) {
        try {
            Path file = Files.writeString(directory.resolve(name), content);
            return knownLabels == null ? DataFile.read(file, "text", "label")
                    : DataFile.read(file, "text", "label", knownLabels);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
