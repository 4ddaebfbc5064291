package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.data.TableFormat;
import dev.lorikeet.transformer.io.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts from anywhere, answers to anywhere: predict and embed. */
class AnswersTest {
    @TempDir
    private static Path directory;
    private static TinyTask task;
    private static Path run;
    private static Path rows;

    @BeforeAll
    static void finetune() throws IOException {
        task = TinyTask.in(directory);
        run = directory.resolve("run");
        assertThat(Outcome.of(task.finetune(run, "--epochs", "1")).err()).isEmpty();
        rows = Files.writeString(directory.resolve("rows.csv"), """
                id,text,label,note
                1,a cat sleeps,animal,"said ""so"", twice"
                2,the elm grows,plant,
                """);
    }

    private static Outcome predict(String... more) {
        return Outcome.of(Stream.concat(Stream.of("predict", "--run", run.toString()), Stream.of(more))
                .toArray(String[]::new));
    }

    private static List<Map<String, Object>> json(String lines) {
        return lines.lines().map(line -> Json.readLine(line, Path.of("lines"), 1)).toList();
    }

    /** What is read back of a table: the columns of the rows, and the answers beside them. */
    @Test
    void aTableKeepsItsColumnsBesideTheAnswers() throws IOException {
        Path output = directory.resolve("answers.csv");
        Outcome outcome = predict("--data", rows.toString(), "--output", output.toString());
        assertThat(outcome).isEqualTo(new Outcome(0, "", ""));
        Table table = new Table(output, TableFormat.STANDARD);
        assertThat(table.columns()).containsExactly("id", "text", "label", "note", "predicted_label", "probability");
        List<Map<String, Object>> said = json(predict("--json", "a cat sleeps", "the elm grows").out());
        List<String> lines = new ArrayList<>();
        table.rows(table.columns(), row -> row, row -> {
            lines.add(row.value(0) + "|" + row.value(1) + "|" + row.value(2) + "|" + row.value(3));
            Map<?, ?> best = (Map<?, ?>) ((List<?>) said.get(lines.size() - 1).get("predictions")).getFirst();
            assertThat(row.value(4)).isEqualTo(best.get("label"));
            assertThat(row.number(5)).isCloseTo(((Number) best.get("probability")).floatValue(), within(1e-6f));
            return true;
        });
        assertThat(lines).containsExactly("1|a cat sleeps|animal|said \"so\", twice", "2|the elm grows|plant|");
    }

    @Test
    void jsonLinesKeepEveryFieldOfTheirRow() throws IOException {
        Path data = Files.writeString(directory.resolve("rows.jsonl"), """
                {"text": "a cat sleeps", "predictions": [1, {"a": null}]}
                {"text": "an oak", "more": true}
                """);
        List<Map<String, Object>> lines = json(predict("--data", data.toString(), "--format", "jsonl").out());
        assertThat(lines.getFirst()).containsOnlyKeys("text", "predictions", "truncated_tokens",
                "predicted_predictions").hasEntrySatisfying("predictions",
                        own -> assertThat(own)
                                .asString().isEqualTo("[1, {a=null}]"));
        assertThat(lines.getLast()).containsOnlyKeys("text", "more", "truncated_tokens", "predictions");
        predict("--data", data.toString(), "--format", "csv").requireRefusal("--format: a table has the columns of the "
                + "first row, text, predictions, and another row has \"more\"; jsonl keeps all");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            text  | 'a cat\n  animal'
            jsonl | '{"text":"a cat","truncated_tokens":0,"predictions":[{"label":"'
            csv   | 'text,label,probability\na cat,'
            """)
    void theSameFromLinesFilesAndArguments(String format, String start) throws IOException {
        String arguments = predict("--format", format, "a cat", "the fern").out();
        assertThat(arguments.replace("plant ", "animal")).startsWith(start);
        Path lines = Files.writeString(directory.resolve("lines.txt"), "a cat\nthe fern\n");
        assertThat(predict("--format", format, "--data", lines.toString()).out()).isEqualTo(arguments);
        assertThat(Outcome.ofInput("a cat\nthe fern".getBytes(StandardCharsets.UTF_8), "predict", "--run",
                run.toString(), "--format", format).out()).isEqualTo(arguments);
        Path output = directory.resolve("answers");
        assertThat(predict("--format", format, "--data", lines.toString(), "--output", output.toString()).out())
                .isEmpty();
        assertThat(output).content().isEqualTo(arguments);
    }

    @Test
    void anEmptyLineKeepsItsPlaceInEveryFormat() {
        byte[] input = "a cat\n\nan elm\n".getBytes(StandardCharsets.UTF_8);
        String[] command = {"predict", "--run", run.toString(), "--format", "csv"};
        assertThat(Outcome.ofInput(input, command).out().lines().toList()).hasSize(4).element(2).isEqualTo(",,");
        assertThat(Outcome.ofInput(input, "embed", "--model", task.model().toString()).out().lines().toList())
                .hasSize(3).element(1).isEqualTo("{\"text\":\"\"}");
    }

    /** More than are in memory at once, and each in its place. */
    @Test
    void manyTextsComeInTheirOrder() throws IOException {
        List<String> texts = IntStream.range(0, 200).mapToObj(i -> i % 3 == 0 ? "a cat sleeps"
                : "elm " + "a ".repeat(
                        i % 7))
                .toList();
        Path lines = Files.write(directory.resolve("many.txt"), texts);
        Path output = directory.resolve("many.jsonl");
        assertThat(Outcome.of("embed", "--model", task.model().toString(), "--data", lines.toString(), "--output",
                output.toString()).err()).isEmpty();
        List<Map<String, Object>> answers = json(Files.readString(output));
        assertThat(answers).extracting(answer -> answer.get("text")).isEqualTo(List.copyOf(texts));
        assertThat(answers.get(198)).isEqualTo(answers.get(0));
    }

    @Test
    void vectorsAreAnArrayOfNumPys() throws IOException {
        List<String> texts = IntStream.range(0, 70).mapToObj(i -> "a cat" + " sleeps".repeat(i % 5)).toList();
        Path lines = Files.write(directory.resolve("texts.txt"), texts);
        Path array = directory.resolve("vectors.npy");
        String[] command = {"embed", "--model", task.model().toString(), "--data", lines.toString(), "--output",
            array.toString()};
        assertThat(Outcome.of(command).err()).isEmpty();
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(array)).order(ByteOrder.LITTLE_ENDIAN);
        String header = new String(bytes.array(), 0, 128, StandardCharsets.ISO_8859_1);
        assertThat(header).startsWith("\u0093NUMPY\u0001\u0000v\u0000{'descr': '<f4', 'fortran_order': False, "
                + "'shape': (70, 8), } ").endsWith(" \n");
        List<?> last = (List<?>) json(Outcome.of("embed", "--model", task.model().toString(), texts.getLast()).out())
                .getFirst().get("embedding");
        assertThat(bytes.capacity()).isEqualTo(128 + 70 * 8 * Float.BYTES);
        for (int i = 0; i < 8; i++) {
            assertThat(bytes.getFloat(128 + (69 * 8 + i) * Float.BYTES))
                    .isEqualTo(((Number) last.get(i)).floatValue());
        }
        Files.writeString(lines, "a cat\n\na dog\n");
        Outcome.of(command).requireRefusal("line 2: is empty, and an array has a vector in each row");
        assertThat(array).hasSize(bytes.capacity());
        predict("--data", lines.toString(), "--output", array.toString()).requireRefusal("the ending .txt, .jsonl or");
    }

    @Test
    void nothingIsLeftOfAnswersThatAreNotWhole() throws IOException {
        Path data = Files.writeString(directory.resolve("bad.csv"), "text\na cat\n\"\"\n");
        Path output = Files.writeString(directory.resolve("kept.csv"), "before");
        predict("--data", data.toString(), "--output", output.toString())
                .requireRefusal(data + ": line 3: the text (column \"text\") is empty");
        assertThat(output).content().isEqualTo("before");
        try (Stream<Path> entries = Files.list(directory)) {
            assertThat(entries).noneMatch(entry -> entry.toString().endsWith(".tmp"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --data ROWS --output x.parquet          | x.parquet: --output: the ending .txt, .jsonl or .csv says how
            --data ROWS --output ROWS               | rows.csv: --output: is the file that is read
            --data ROWS a text                      | --data: there are texts on the command line, too
            --data none.csv                         | none.csv: open: there is no such file
            --text-column text                      | --data: is missing, whose columns the flags are about
            --data ROWS --text-column words         | rows.csv: columns: there is no words, there are id, text, label, note
            --data ROWS --pair-column text          | --pair-column: goes with a text-column
            --data ROWS --format csv --json         | --json: is --format jsonl, and csv is asked for
            --format xml                            | "xml" is not one of text, jsonl, csv
            """)
    void refusesBeforeAnythingIsWritten(String flags, String rule) {
        predict(flags.replace("ROWS", rows.toString()).split(" +")).requireRefusal(rule);
    }
}
