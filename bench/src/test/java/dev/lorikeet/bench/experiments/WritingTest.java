package dev.lorikeet.bench.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Experiments with what language models write, on a model of random weights. */
class WritingTest {
    private static final Path MODEL = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "completions/model");

    @TempDir
    private Path directory;

    private String run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(new ByteArrayInputStream(new byte[0]),
                new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));
        int status = Experiments.run(terminal, arguments);
        return status + " " + out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
    }

    private String[] arguments(String experiment, String... more) {
        return Stream.concat(Stream.of(experiment, "--model", MODEL.toString(), "--seeds", "1,2", "--epochs", "1",
                "--limit", "4", "--steps", "2", "--out", directory.resolve("out").toString(), "--runs",
                directory.resolve("runs.jsonl").toString(), "--table", directory.resolve("results.md").toString()),
                Stream.of(more)).toArray(String[]::new);
    }

    /** Ten meanings with two sentences each, of which the last two meanings are not trained. */
    @Test
    void meaningsAreTrainedOrTested() throws IOException {
        Path data = Files.createDirectories(directory.resolve("data/e2e")).getParent();
        List<String> lines = IntStream.range(0, 20).mapToObj(i -> "name : Inn " + i / 2 + "||The Inn " + i / 2
                + " is open . " + (i % 2 == 0 ? "" : "It is . ")).toList();
        Files.write(data.resolve("e2e/valid.txt"), lines);
        Path train = directory.resolve("train.jsonl");
        Path test = directory.resolve("test.jsonl");
        Writing.E2E.write(data, train, test, Integer.MAX_VALUE);
        assertThat(train).content().hasLineCount(16).contains("name : Inn 7 =>").doesNotContain("Inn 8");
        assertThat(test).content().hasLineCount(4).contains("\"prompt\":\"name : Inn 9 =>\"",
                "\"completion\":\" The Inn 9 is open . It is .\"");
        Writing.E2E.write(data, train, test, 1);
        assertThat(train).content().hasLineCount(16);
        assertThat(test).content().hasLineCount(2).doesNotContain("Inn 9");
        Files.write(data.resolve("e2e/valid.txt"), List.of("no bar"));
        assertThat(run(arguments("e2e", "--data", data.toString()))).startsWith("2 ")
                .contains("valid.txt: line: has no "
                        + "|| between a meaning and its sentence: no bar");
    }

    @Test
    void finishedRunsAreKeptAndNotRunAgain() throws IOException {
        Path data = Files.createDirectories(directory.resolve("data/geography")).getParent();
        for (String part : List.of("train", "dev")) {
            List<String> rows = new ArrayList<>();
            for (String state : List.of("ohio", "iowa", "utah", "texas", "maine", "idaho", "nevada", "oregon")) {
                rows.add(Json.writeLine(Map.of("prompt", "how big is " + state, "completion", "SELECT " + state))
                        .strip());
            }
            Files.write(data.resolve("geography/" + part + ".jsonl"), rows);
        }
        String first = run(arguments("geography", "--data", data.toString(), "--methods", "lora-r4"));
        assertThat(first).startsWith("0 2 runs to go, 0 in ").contains(
                "| task | model | method | seeds | exact | BLEU | perplexity |",
                "| geography-limit4-steps2 | model | lora-r4 | 2 | 0.0 % ± 0.0 % (2 seeds) |");
        assertThat(directory.resolve("results.md")).content().contains("<!-- geography -->", "| lora-r4 | 2 |");
        List<String> kept = Files.readAllLines(directory.resolve("runs.jsonl"));
        assertThat(kept.stream().collect(Collectors.joining())).contains("\"exact_match\":0.0", "\"bleu\":");
        assertThat(kept).hasSize(2);
        assertThat(run(arguments("geography", "--data", data.toString(), "--methods", "lora-r4")))
                .startsWith("0 0 runs to go, 2 in ");
        assertThat(Files.readAllLines(directory.resolve("runs.jsonl"))).isEqualTo(kept);
        assertThat(run(arguments("geography", "--data", data.toString(), "--methods", "lora")))
                .contains("--methods: \"lora\" is not one of lora-r4, full");
    }

    @Test
    void perplexitiesOfRanksAreDrawn() throws IOException {
        Path data = Files.createDirectories(directory.resolve("data/e2e")).getParent();
        Files.write(data.resolve("e2e/valid.txt"), IntStream.range(0, 20).mapToObj(i -> "name : Inn " + i
                + "||The Inn " + i + " is open .").toList());
        Path runs = directory.resolve("ranks.jsonl");
        String[] arguments = {"perplexity-rank", "--data", data.toString(), "--model", MODEL.toString(), "--ranks",
            "1,2", "--targets", "q_proj", "--seeds", "1", "--steps", "3", "--limit", "8", "--out",
            directory.resolve("out").toString(), "--runs", runs.toString(), "--table",
            directory.resolve("page.md").toString()};
        assertThat(run(arguments)).startsWith("0 4 runs to go, 0 in ").contains(
                "| perplexity-rank-steps3-limit8 | model | lora | 1 | 1 | ",
                "| perplexity-rank-steps3-limit8 | model | rslora | 2 | 1 | ");
        List<RankCurve> curves = RankCurve.read(runs);
        assertThat(curves).hasSize(4).allSatisfy(curve -> {
            assertThat(curve.losses()).hasSize(3);
            assertThat(curve.norms()).hasSize(3).allMatch(norm -> norm > 0);
            assertThat(curve.perplexity()).isEqualTo(Math.exp(curve.losses().getLast()));
        });
        String chart = Files.readString(directory.resolve("perplexity-rank-steps3-limit8.svg"));
        assertThat(chart).contains("rsLoRA, gradient norm", "LoRA, perplexity", "rank 2");
        assertThat(chart.split("<polyline", -1)).hasSize(1 + 8);
        assertThat(run(arguments)).startsWith("0 0 runs to go, 4 in ");
    }
}
