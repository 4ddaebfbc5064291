package dev.lorikeet.transformer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataFileTest {
    @TempDir
    private Path directory;

    @Test
    void readsTsv() {
        Dataset dataset = read("a.tsv", "text\tid\tlabel\na \"quoted\" cat\t1\tanimal\n\nan oak\t2\tplant\n");
        assertThat(dataset).isEqualTo(new Dataset("a.tsv",
                List.of(new Example("a \"quoted\" cat", 0), new Example("an oak", 1)), List.of("animal", "plant")));
    }

    @Test
    void readsCsvAsRfc4180HasIt() {
        Dataset dataset = read("a.csv",
                "\uFEFFlabel,text\r\nx,\"a, \"\"b\"\"\r\nc\"\r\n\"y\",plain é\uD83D\uDE00\r\nx,\"last\"");
        assertThat(dataset.examples()).containsExactly(new Example("a, \"b\"\r\nc", 0),
                new Example("plain é\uD83D\uDE00", 1), new Example("last", 0));
    }

    @Test
    void readsJsonLines() {
        Dataset dataset = read("a.jsonl", "{\"text\": \"a\\nb\", \"label\": 1, \"more\": [1]}\r\n\n"
                + "{\"label\": \"x\", \"text\": \"c\"}\n{\"label\": true, \"text\": \"d\"}");
        assertThat(dataset.labels()).containsExactly("1", "true", "x");
        assertThat(dataset.examples()).containsExactly(new Example("a\nb", 0), new Example("c", 2),
                new Example("d", 1));
    }

    @Test
    void knownLabelsKeepTheirNumbers() {
        Dataset dataset = read("a.tsv", "text\tlabel\na\tx\n", List.of("z", "y", "x"));
        assertThat(dataset.examples()).containsExactly(new Example("a", 2));
        assertThat(dataset.labels()).containsExactly("z", "y", "x");
    }

    @Test
    void theFirstExamplesAreInTheFilesOrder() {
        Dataset dataset = read("a.tsv", "text\tlabel\na\tx\nb\ty\nc\tx\n");
        assertThat(dataset.first(2).examples()).containsExactly(new Example("a", 0), new Example("b", 1));
        assertThat(dataset.first(9)).isEqualTo(dataset);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a.tsv   | ''                                | line 1: the file is empty
            a.csv   | '~~'                              | line 1: the file is empty
            a.tsv   | 'text>label~'                     | examples: there are none
            a.jsonl | ''                                | examples: there are none
            a.txt   | 'text>label~a>x~'                 | name: the ending must be .tsv, .csv or .jsonl
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
            a.jsonl | '{"text": "a", "label": 1.5}'     | line 1.label: a string is expected, not 1.5
            a.jsonl | '~{"text": "a", '                 | line 2, column
            a.jsonl | '{"text": "a", "label": "x"} {}'  | there is text after the JSON object
            a.jsonl | '~["a", "x"]'                     | line 2: a JSON object, starting with {, is expected
            """)
    void refusesWithFilePlaceAndRule(String name, String content, String expected) {
        String text = content.replace('>', '\t').replace('~', '\n');
        assertThatThrownBy(() -> read(name, text, List.of("x", "y"))).isInstanceOf(InputException.class)
                .hasMessageStartingWith(directory.resolve(name) + ": ").hasMessageContaining(expected);
    }

    @Test
    void refusesBytesThatAreNotUtf8() throws IOException {
        Path file = directory.resolve("latin.tsv");
        Files.write(file, "text\tlabel\ncaf\u00E9\tx\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> DataFile.read(file, "text", "label", null)).isInstanceOf(InputException.class)
                .hasMessage(file + ": line 2: is not UTF-8");
    }

    @Test
    void refusesAMissingFile() {
        Path file = directory.resolve("none.csv");
        assertThatThrownBy(() -> DataFile.read(file, "text", "label", null)).isInstanceOf(InputException.class)
                .hasMessage(file + ": open: there is no such file");
    }

    private Dataset read(String name, String content) {
        return read(name, content, null);
    }

    private Dataset read(String name, String content, @Nullable List<String> knownLabels) {
        try {
            Path file = Files.writeString(directory.resolve(name), content);
            return DataFile.read(file, "text", "label", knownLabels);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
