package dev.lorikeet.bench.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.bench.kills.SmallModel;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All methods on a task that takes milliseconds. */
class MethodsTest {
    private static final int HIDDEN = SmallModel.HIDDEN;

    @TempDir
    private Path directory;
    private Path recipe;
    private Path out;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void writeTask() throws IOException {
        recipe = Files.writeString(directory.resolve("tiny.yaml"), """
                model: model
                data: {train: train.tsv, test: test.tsv}
                training: {epochs: 2, batch-size: 4}
                """);
        out = directory.resolve("out");
        Files.writeString(directory.resolve("train.tsv"),
                "text\tlabel\ncat\tanimal\ndog cat\tanimal\noak\tplant\nelm oak\tplant\n");
        Files.writeString(directory.resolve("test.tsv"), "text\tlabel\ndog\tanimal\nelm\tplant\n");
        SmallModel.write(directory.resolve("model"), List.of("cat", "dog", "oak", "elm"));
    }

    private int run(String... more) {
        List<String> arguments = new ArrayList<>(List.of("methods"));
        arguments.addAll(List.of(more));
        return experiment(arguments.toArray(String[]::new));
    }

    private int experiment(String... arguments) {
        PrintStream stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
        return Experiments.run(new Terminal(new ByteArrayInputStream(new byte[0]), stream, stream), arguments);
    }

    private int train(String... more) {
        List<String> arguments = new ArrayList<>(List.of("--recipe", recipe.toString(), "--out", out.toString()));
        arguments.addAll(List.of(more));
        return run(arguments.toArray(String[]::new));
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void runsWhatIsMissingAndComparesAll() throws IOException {
        assertThat(train("--only", "lora-r8|full|a.*lora", "--seeds", "1,2")).as(printed()).isZero();
        assertThat(printed()).contains("10 runs, 0 finished before");
        List<String> lines = Files.readAllLines(out.resolve("methods.md"));
        int head = HIDDEN * 2 + 2;
        int adapters = 8 * (4 * 2 * HIDDEN + 2 * (HIDDEN + HIDDEN));
        assertThat(lines.stream().map(line -> line.replaceAll("\\d+\\.\\d", "?"))).contains(
                "| majority class |  | 0 | ? % ± ? |  |  |",
                "| frozen linear probe |  | " + head + " | ? % ± ? |  |  |",
                "| LoRA | 8 | " + String.format(Locale.ROOT, "%,d", adapters + head) + " | ? % ± ? | ?, ? | 0 |",
                "| rsLoRA | 8 | " + String.format(Locale.ROOT, "%,d", adapters + head) + " | ? % ± ? | ?, ? | 0 |")
                .anyMatch(
                        line -> line.startsWith("| Full fine-tuning |  | 27,202 | "))
                .anyMatch(
                        line -> line.matches("\\| AdaLoRA \\| \\? of 12 \\| 9,418 \\| .*"))
                .anyMatch(line -> line.matches("\\| AutoLoRA \\| \\? of 8 \\| [\\d,]+ \\| .*"));
        assertThat(String.join(" ", lines))
                .contains("Peak learning rates of the encoder: 0.001 for LoRA, rsLoRA, AdaLoRA, AutoLoRA;")
                .contains("Seeds 1, 2;");

        Path page = directory.resolve("results.md");
        Files.writeString(page, "before\n<!-- methods -->\nold\n<!-- /methods -->\nafter\n");
        FileTime written = Files.getLastModifiedTime(out.resolve("full-s1/metrics.jsonl"));
        assertThat(train("--only", "lora-r8|full|a.*lora", "--seeds", "1,2", "--table", page.toString())).isZero();
        assertThat(printed()).contains("10 runs, 10 finished before");
        assertThat(Files.getLastModifiedTime(out.resolve("full-s1/metrics.jsonl"))).isEqualTo(written);
        assertThat(page).content().startsWith("before\n<!-- methods -->\nModel ").contains("| LoRA | 8 |")
                .endsWith("|\n<!-- /methods -->\nafter\n").doesNotContain("old");
    }

    @Test
    void runsEveryTaskOnceAndKeepsWhatItCameTo() throws IOException {
        Path recipes = Files.createDirectory(directory.resolve("recipes"));
        Files.writeString(recipes.resolve("pets.yaml"),
                "data: {train: train.tsv, test: test.tsv}\ntraining: {epochs: 2, batch-size: 4}\n");
        Path runs = directory.resolve("tasks.jsonl");
        Path page = directory.resolve("tasks.md");
        String[] arguments = {"tasks", "--recipes", recipes.toString(), "--data", directory.toString(), "--models",
            directory.resolve("model").toString(), "--seeds", "1,2", "--only", "lora", "--out", out.toString(),
            "--runs",
            runs.toString(), "--table", page.toString()};
        assertThat(experiment(arguments)).as(printed()).isZero();
        assertThat(runs).content().hasLineCount(4)
                .contains("{\"task\":\"pets\",\"model\":\"model\",\"method\":\"rslora-r8\",\"seed\":2,\"engine\":");
        assertThat(Files.readAllLines(page).getLast()).isEqualTo("<!-- /tasks -->");
        assertThat(page).content()
                .containsPattern("\\| pets \\| model \\| accuracy \\| Lorikeet \\| [\\d.]+ % ± [\\d.]+ % "
                        + "\\(2 seeds\\) \\| [\\d.]+ % ± [\\d.]+ % \\(2 seeds\\) \\| [^|]+ \\|  \\|\n"
                        + "\\| pets \\| model \\| Matthews");

        String once = Files.readString(runs);
        Files.move(out, directory.resolve("elsewhere"));
        assertThat(experiment(arguments)).as("from the file").isZero();
        assertThat(out).doesNotExist();
        assertThat(runs).content().isEqualTo(once);
        Files.writeString(runs, once + once);
        assertThat(experiment(arguments)).isEqualTo(2);
        assertThat(printed()).endsWith(runs + ": line 5: is of a run that an earlier line has\n");
    }

    @Test
    void takesUpARunThatWasStopped() throws IOException {
        assertThat(train("--only", "^lora-r8", "--seeds", "1")).isZero();
        Path metrics = out.resolve("lora-r8-s1/metrics.jsonl");
        List<String> lines = Files.readAllLines(metrics);
        Files.write(metrics, lines.subList(0, lines.size() - 1));
        assertThat(train("--only", "^lora-r8", "--seeds", "1")).as(printed()).isZero();
        assertThat(metrics).content().hasLineCount(lines.size());
        assertThat(out.resolve("lora-r8-s1.new")).doesNotExist();
    }

    @Test
    void readsFinishedRunsWhereverTheyAre() throws IOException {
        assertThat(train("--only", "^lora-r8", "--seeds", "3")).isZero();
        Path moved = Files.move(out.resolve("lora-r8-s3"), directory.resolve("elsewhere"));
        Path half = Files.createDirectories(out.resolve("half"));
        Files.copy(moved.resolve("recipe.yaml"), half.resolve("recipe.yaml"));
        Files.write(half.resolve("metrics.jsonl"), Files.readAllLines(moved.resolve("metrics.jsonl")).subList(0, 5));
        Path json = directory.resolve("results.json");
        assertThat(run("--read", moved.toString(), out.toString(), "--json", json.toString(), "--table",
                directory.resolve("results.md").toString())).as(printed()).isZero();
        Object only = ((List<?>) Json.readObject("{\"rows\":" + Files.readString(json) + "}", json).get("rows"))
                .getFirst();
        assertThat(only).asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsEntry("method", "lora").containsEntry("rank", 8).doesNotContainKey("accuracy_deviation");
        assertThat(run("--read", half.toString())).isEqualTo(2);
        assertThat(printed()).endsWith("lorikeet: --read: there is no finished run in " + half + "\n");
    }

    @Test
    void refusesWhatCannotBeCompared() throws IOException {
        assertThat(train("--only", "^lora-r8", "--seeds", "1")).isZero();
        Path other = directory.resolve("other");
        Files.writeString(recipe, Files.readString(recipe).replace("epochs: 2", "epochs: 3"));
        assertThat(train("--only", "^lora-r8", "--seeds", "1")).isEqualTo(2);
        assertThat(printed()).endsWith(out.resolve("lora-r8-s1")
                + ": recipe.yaml: there is a finished run with other settings in this folder: take another --out\n");
        assertThat(run("--recipe", recipe.toString(), "--out", other.toString(), "--only", "full", "--seeds", "1"))
                .as(printed()).isZero();
        assertThat(run("--read", out.toString(), other.toString())).isEqualTo(2);
        assertThat(printed()).endsWith(other.resolve("full-s1")
                + ": recipe.yaml: the run is of another task or has other settings than that in "
                + out.resolve("lora-r8-s1") + "\n");
        assertThat(run("--read", other.toString(), other.toString())).isEqualTo(2);
        assertThat(printed()).endsWith("there is another run of the same method and seed among those to compare\n");
        Path page = Files.writeString(directory.resolve("results.md"), "mine");
        assertThat(run("--read", other.toString(), "--table", page.toString())).isEqualTo(2);
        assertThat(printed()).endsWith(page + ": table: the page has no place for it: a line <!-- methods -->, and "
                + "below it a line <!-- /methods -->\n");
        assertThat(page).content().isEqualTo("mine");
        assertThat(train("--only", "dora")).isEqualTo(2);
        assertThat(printed()).contains("--only: no method has 'dora' in its name, there are lora-r8, ");
    }
}
