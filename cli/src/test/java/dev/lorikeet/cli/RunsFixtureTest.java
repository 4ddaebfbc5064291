package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command trains directories of transformers' as transformers does, whose losses are recorded. */
class RunsFixtureTest {
    private static final Path RUNS = Path.of(System.getProperty("lorikeet.fixtures")).resolve("runs");

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"roberta", "deberta"})
    void hasTheLossesOfTransformers(String model) throws IOException {
        Path out = directory.resolve(model);
        String data = RUNS.resolve("train.tsv").toString();
        Outcome run = Outcome.of("finetune", "--model", RUNS.resolve(model).toString(), "--train", data, "--test", data,
                "--method", "full", "--head", "pretrained", "--batch-size", "8", "--adapter-rate", "2e-3",
                "--head-rate",
                "4e-3", "--no-probe", "--out", out.toString());
        assertThat(run.err()).isEmpty();
        List<Double> losses = losses(out.resolve("metrics.jsonl"));
        List<?> expected = JsonObject.read(RUNS.resolve(model).resolve("losses.json")).list("losses");
        assertThat(losses).hasSameSizeAs(expected);
        for (int i = 0; i < losses.size(); i++) {
            double loss = ((Number) expected.get(i)).doubleValue();
            assertThat(losses.get(i)).as("step %d", i + 1).isCloseTo(loss, within(2e-6));
        }
        assertThat(Outcome.of("evaluate", "--run", out.toString(), "--test", data).out()).contains("24 examples");
    }

    private static List<Double> losses(Path file) throws IOException {
        List<Double> losses = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            JsonObject each = new JsonObject(file, "", Json.readLine(line, file, 1));
            if (each.string("type").equals("step")) {
                losses.add(each.number("loss"));
            }
        }
        return losses;
    }
}
