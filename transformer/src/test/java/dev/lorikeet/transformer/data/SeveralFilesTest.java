package dev.lorikeet.transformer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeveralFilesTest {
    @TempDir
    private Path directory;

    private Path file(String name, String content) {
        try {
            return Files.writeString(directory.resolve(name), content);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static DataFile<String> data(DataSource source) {
        return new DataFile<>(new Table(source, TableFormat.STANDARD), Input.text("text"), "label");
    }

    private static List<String> rows(DataSource source) {
        return source.counts().files().stream().map(file -> file.rows() + " " + file.skipped()).toList();
    }

    @Test
    void filesAreReadAsOneWhateverTheirKindsAndTheOrderOfTheirColumns() {
        DataSource source = new DataSource(List.of(file("b.tsv", "text\tlabel\none\tx\ntwo\ty\n"),
                file("a.csv", "label,text\ny,three\n"), file("c.jsonl", "{\"label\": \"z\", \"text\": \"four\"}\n")),
                BadRows.FAIL);
        Dataset<String> read = data(source).read();
        assertThat(read.examples().stream().map(Example::input)).containsExactly("one", "two", "three", "four");
        assertThat(read.labels()).containsExactly("x", "y", "z");
        assertThat(read.name()).isEqualTo("b.tsv and 2 more");
        assertThat(rows(source)).containsExactly("2 0", "1 0", "1 0");
        assertThat(data(source).sample(3, 1).examples()).hasSize(3);
        assertThat(data(source).labels()).isEqualTo(read.labels());
        List<String> streamed = new ArrayList<>();
        data(source).stream(read.labels()).forEach((input, label) -> streamed.add(input + label));
        assertThat(streamed).containsExactly("one0", "two1", "three1", "four2");
        assertThat(rows(source)).containsExactly("2 0", "1 0", "1 0");
    }

    @Test
    void otherColumnsAreRefusedByBothNames() {
        Path first = file("a.tsv", "text\tlabel\none\tx\n");
        Path other = file("b.tsv", "text\tkind\ntwo\ty\n");
        assertThatThrownBy(() -> data(new DataSource(List.of(first, other), BadRows.SKIP)).read())
                .isInstanceOf(InputException.class).hasMessage(other + ": columns: are text, kind, and those of "
                        + first + " are text, label: files that are read together have the same");
        Path two = file("a.conll", "New B\nYork I\n");
        Path four = file("b.conll", "ok UH x O\n");
        assertThatThrownBy(() -> new TaggedText(new DataSource(List.of(two, four), BadRows.FAIL), null, null).read())
                .isInstanceOf(InputException.class).hasMessage(four + ": columns: a token has 4 of them, and one in "
                        + two + " has 2: files that are read together have as many");
    }

    /** Every way in which a row can be wrong, in each kind of file. */
    @Test
    void rowsThatAreWrongAreLeftOutAndCounted() {
        Map<Path, List<String>> faults = Map.of(
                file("a.tsv", "text\tlabel\none\tx\nno label\n\tx\ntwo\t \nfour\ty\n1\t2\t3\nfive\ty\nsix\tx\n"
                        + "seven\ty\n"),
                List.of("line 3: 1 field, the header has 2", "line 4: the text (column \"text\") is empty",
                        "line 5: the label (column \"label\") is empty", "line 7: 3 fields, the header has 2"),
                file("b.csv", "text,label\none,x\nsays \"no\",x\n\"so\" he,y\ntwo,y\n\"a\nb\"c,y\n\"d\n\",x\ne,x\n"),
                List.of("line 3: a quote inside a field that does not begin with one; write the field in quotes, and "
                        + "each quote in it twice",
                        "line 4: text after a closing quote; each quote inside a field is "
                                + "written twice",
                        "line 7: text after a closing quote; each quote inside a field is written twice"),
                file("c.jsonl", "{\"text\": \"one\", \"label\": 1}\n{\"text\": 7, \"label\": 1}\n[]\n{\"label\": 2}\n"
                        + "{\"text\": \"two\", \"label\": 2}\n{\"text\": \"six\", \"label\": 2}\n{\n"
                        + "{\"text\": \"six\", \"label\": 2}\n"),
                List.of("line 2.text: a string is expected, not 7",
                        "line 3: a JSON object, starting with {, is expected", "line 4.text: ",
                        "line 7"));
        faults.forEach((file, expected) -> {
            DataSource source = new DataSource(List.of(file), BadRows.SKIP);
            Dataset<String> read = data(source).read();
            assertThat(source.counts().skipped()).isEqualTo(expected.size());
            assertThat(source.counts().rows()).isEqualTo(read.size());
            for (int i = 0; i < expected.size(); i++) {
                assertThat(source.counts().faults().get(i)).startsWith(file + ": " + expected.get(i));
            }
            assertThat(data(source).sample(2, 1).labels()).isEqualTo(read.labels());
            assertThat(data(source).read(read.labels())).isEqualTo(read);
            assertThat(data(source).stream(read.labels()).size()).isEqualTo(read.size());
            assertThat(source.counts().skipped()).as("counted once").isEqualTo(expected.size());
            assertThatThrownBy(() -> data(DataSource.of(file)).read()).isInstanceOf(InputException.class)
                    .hasMessageStartingWith(file + ": " + expected.getFirst());
        });
    }

    @Test
    void labelsThatAreNoneOfThoseKnownAreLeftOutToo() {
        DataSource source = new DataSource(List.of(file("a.tsv", "text\tlabel\none\tx\ntwo\tz\nthree\ty\n")),
                BadRows.SKIP);
        assertThat(data(source).read(List.of("x", "y")).size()).isEqualTo(2);
        assertThat(source.counts().faults()).containsExactly(directory.resolve("a.tsv")
                + ": line 3: unknown label \"z\", known are x, y");
    }

    @Test
    void sentencesAreLeftOutWhole() {
        Path conll = file("a.conll", "New B\nYork I\n\nso\nit goes\n\nok O\n# not\n\n# a comment\nwell O\n\nEU\n");
        DataSource source = new DataSource(List.of(conll, file("b.jsonl", """
                {"tokens": ["a", "b"], "tags": ["O"]}
                {"tokens": ["a", ""], "tags": ["O", "O"]}
                {"tokens": ["c"], "tags": ["B"]}
                """)), BadRows.SKIP);
        assertThat(new TaggedText(source, null, null).read().inputs()).containsExactly(List.of("New", "York"),
                List.of("ok", "#"), List.of("well"), List.of("c"));
        assertThat(rows(source)).containsExactly("3 2", "1 2");
        assertThat(source.counts().faults()).containsExactly(
                conll + ": line 4: 1 column, the first line of a token has 2",
                conll + ": line 13: 1 column, the first line of a token has 2",
                directory.resolve("b.jsonl") + ": line 1: 2 tokens and 1 tags",
                directory.resolve("b.jsonl") + ": line 2: token 2 (column \"tokens\") is empty");
    }

    /** That is no slip, but another kind of file. */
    @Test
    void moreThanHalfAreRefused() {
        Path file = file("a.tsv", "text\tlabel\none\tx\ntwo\nthree\n");
        assertThatThrownBy(() -> data(new DataSource(List.of(file), BadRows.SKIP)).read())
                .isInstanceOf(InputException.class).hasMessage(file + ": rows: 2 of 3 are wrong, which is more than "
                        + "half, so that none is left out; " + file + ": line 3: 1 field, the header has 2");
    }

    /** What says nothing of where a row ends, or is not there, is no matter of one row. */
    @Test
    void faultsOfTheWholeFileAreNeverLeftOut() {
        for (String[] each : new String[][] {
            {"a.csv", "text,label\n\"one,x\ntwo,y\n", "line 2: a quote is opened here"},
            {"b.tsv", "gloss\tlabel\none\tx\n", "line 1: there is no column"},
            {"c.tsv", "", "line 1: the file is empty"},
            {"d.tsv", "text\tlabel\none\tx\rtwo\ty\n", "line 2: has a carriage return"}}) {
            assertThatThrownBy(() -> data(new DataSource(List.of(file(each[0], each[1])), BadRows.SKIP)).read())
                    .isInstanceOf(InputException.class).hasMessageContaining(each[2]);
        }
    }
}
