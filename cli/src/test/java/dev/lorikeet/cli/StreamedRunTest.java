package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A file that is not kept in memory trains as one that is. */
class StreamedRunTest {
    private static final List<String> NOUNS = List.of("cat", "dog", "fox", "oak", "elm", "fern");

    @TempDir
    private Path directory;

    @BeforeEach
    void writeModel() throws IOException {
        TinyTask.in(directory);
    }

    /** Trains in a folder of this name, and gives all numbers of the run but the times. */
    private List<Map<String, Object>> run(String name, String file, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("finetune", "--model", directory.resolve("model").toString(),
                "--train", directory.resolve(file).toString(), "--test", directory.resolve(file).toString(), "--out",
                directory.resolve(name).toString(), "--epochs", "2", "--batch-size", "5", "--no-probe"));
        arguments.addAll(Arrays.asList(more));
        assertThat(Outcome.of(arguments.toArray(String[]::new)).err()).isEmpty();
        List<Map<String, Object>> lines = new ArrayList<>();
        for (String line : Files.readAllLines(directory.resolve(name).resolve("metrics.jsonl"))) {
            Map<String, Object> fields = Json.readLine(line, Path.of(name), 1);
            fields.keySet().removeIf(key -> key.endsWith("seconds"));
            lines.add(fields);
        }
        return lines;
    }

    private void requireSameModel(String one, String other) {
        assertThat(directory.resolve(one).resolve("adapter/adapter_model.safetensors")).hasSameBinaryContentAs(
                directory.resolve(other).resolve("adapter/adapter_model.safetensors"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tsv   | text@label                | the %1$s sleeps@%3$s
            tsv   | sentence1@sentence2@label | a %1$s@the %2$s@%3$s
            tsv   | text@score                | the %1$s@%4$d.5
            tsv   | anchor@positive@score     | the %1$s@a %2$s@0.%4$d
            jsonl |                           | {"text": "the %1$s", "labels": ["%3$s", "even%5$d"]}
            jsonl |                           | {"tokens": ["the", "%1$s"], "tags": ["O", "%3$s"]}
            """)
    void everyTaskHasTheSameBits(String ending, String header, String row) throws IOException {
        StringBuilder content = new StringBuilder(header == null ? "" : header.replace('@', '\t') + "\n");
        for (int i = 0; i < 36; i++) {
            content.append(row.replace('@', '\t').formatted(NOUNS.get(i % 6), NOUNS.get(i / 6),
                    i % 6 < 3 ? "animal" : "plant", i % 7, i % 2)).append('\n');
        }
        String file = "train." + ending;
        Files.writeString(directory.resolve(file), content);
        String[] more = header != null && header.startsWith("anchor") ? new String[] {"--task", "embeddings"}
                : new String[] {"--validation", "0.25"};
        List<Map<String, Object>> kept = run("kept", file, more);
        String[] streaming = Arrays.copyOf(more, more.length + 2);
        streaming[more.length] = "--memory";
        streaming[more.length + 1] = "0";
        assertThat(run("streamed", file, streaming)).isEqualTo(kept);
        requireSameModel("streamed", "kept");
    }

    @Test
    void windowsChangeTheOrderAndNothingElse() throws IOException {
        List<Map<String, Object>> whole = run("whole", "train.tsv");
        List<Map<String, Object>> kept = run("kept", "train.tsv", "--shuffle-window", "8");
        List<Map<String, Object>> streamed = run("streamed", "train.tsv", "--shuffle-window", "8", "--memory", "0");
        assertThat(streamed).isEqualTo(kept).isNotEqualTo(whole);
        requireSameModel("streamed", "kept");
        assertThat(run("other", "train.tsv", "--shuffle-window", "8", "--memory", "0", "--seed", "2"))
                .isNotEqualTo(kept);
    }

    @Test
    void whatIsToldOfItIsTheSame() throws IOException {
        Files.writeString(directory.resolve("some.tsv"), "text\tlabel\nthe cat\tanimal\nan oak\tplant\n");
        String[] arguments = {"preview", "--model", directory.resolve("model").toString(), "--train",
            directory.resolve("train.tsv").toString(), "--test", directory.resolve("train.tsv").toString()};
        String[] streaming = Arrays.copyOf(arguments, arguments.length + 2);
        streaming[arguments.length] = "--memory";
        streaming[arguments.length + 1] = "0";
        String kept = Outcome.of(arguments).out();
        assertThat(Outcome.of(streaming).out()).isEqualTo(kept).contains("24 texts to test with are among those to");
        Files.writeString(directory.resolve("one.tsv"), "text\tlabel\nthe cat\tanimal\na dog\tanimal\n");
        streaming[4] = directory.resolve("one.tsv").toString();
        Outcome.of(streaming).requireRefusal(
                "one.tsv: column \"label\": every example is of the class \"animal\", at least two are needed");
    }
}
