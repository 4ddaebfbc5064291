package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several files for one part of the data, by a list, by commas and by a pattern. */
class DataPathsTest {
    @TempDir
    private Path directory;
    private TinyTask task;
    private List<String> rows;

    @BeforeEach
    void writeTask() throws IOException {
        task = TinyTask.in(directory);
        rows = Files.readAllLines(task.train());
        write("part-10.tsv", rows.subList(13, 25));
        write("part-2.tsv", rows.subList(1, 13));
        write(".part-0.tsv", List.of("hidden\tanimal"));
    }

    private void write(String name, List<String> rows) throws IOException {
        Files.writeString(directory.resolve(name), "text\tlabel\n" + String.join("\n", rows) + "\n");
    }

    private Outcome finetune(String out, String... more) {
        return Outcome.of(task.finetune(directory.resolve(out), more));
    }

    private byte[] adapter(String out) throws IOException {
        return Files.readAllBytes(directory.resolve(out).resolve("adapter/adapter_model.safetensors"));
    }

    @Test
    void listCommasAndPatternMeanTheSame() throws IOException {
        Outcome pattern = finetune("pattern", "--train", directory + "/part-*.tsv");
        assertThat(pattern.err()).isEmpty();
        assertThat(pattern.out()).contains("Files       train: " + directory + "/part-10.tsv 12 rows, " + directory
                + "/part-2.tsv 12 rows\n", "part-10.tsv and 1 more: 24 to train, ");
        assertThat(finetune("commas", "--train", directory + "/part-10.tsv," + directory + "/part-2.tsv").err())
                .isEmpty();
        Files.writeString(task.recipe(), Files.readString(task.recipe()).replace("train: train.tsv",
                "train: [part-10.tsv, part-2.tsv]"));
        assertThat(finetune("list").err()).isEmpty();
        assertThat(adapter("pattern")).isEqualTo(adapter("commas")).isEqualTo(adapter("list"));
        assertThat(Files.readString(directory.resolve("pattern/recipe.yaml"))).contains("train:\n  - " + directory
                + "/part-10.tsv\n  - " + directory + "/part-2.tsv\n");
        assertThat(Files.readString(directory.resolve("pattern/report.html"))).contains("part-2.tsv");
        Outcome evaluated = Outcome.of("evaluate", "--run", directory.resolve("list").toString(), "--data",
                directory + "/part-{10,2}.tsv");
        assertThat(evaluated.err()).isEmpty();
        assertThat(evaluated.out()).contains("part-10.tsv and 1 more: 24 examples");
    }

    @Test
    void whatFitsNothingIsRefused() {
        finetune("out", "--train", directory + "/no-*.tsv").requireRefusal("--train: no file fits \"" + directory
                + "/no-*.tsv\"");
        finetune("out", "--train", directory + "/part-[.tsv").requireRefusal("is no pattern of names");
        finetune("out", "--test", task.test() + "," + task.test()).requireRefusal("--test: must be a path, or a list "
                + "of paths, not [");
    }

    /** Such names are rare, but there. */
    @Test
    void aNameThatIsThereIsNoPattern() throws IOException {
        write("a[1],b.tsv", rows.subList(1, 13));
        assertThat(finetune("out", "--train", directory + "/a[1],b.tsv").err()).isEmpty();
        assertThat(Files.readString(directory.resolve("out/recipe.yaml"))).contains("train: " + directory
                + "/a[1],b.tsv\n");
    }

    @Test
    void rowsThatAreWrongAreToldInFactsMetricsAndReport() throws IOException {
        Path bad = directory.resolve("bad.tsv");
        Files.writeString(bad, Files.readString(task.train()) + "no label\n\tplant\n");
        finetune("out", "--train", bad.toString()).requireRefusal(bad + ": line 26: 1 field, the header has 2");
        Outcome outcome = finetune("out", "--train", bad.toString(), "--bad-rows", "skip");
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).contains("Left out    train: 2 of 26 rows, which are wrong\n  " + bad
                + ": line 26: 1 field, the header has 2\n  " + bad
                + ": line 27: the text (column \"text\") is empty\n");
        assertThat(Files.readString(directory.resolve("out/metrics.jsonl"))).contains("\"train_skipped\":2");
        assertThat(Files.readString(directory.resolve("out/report.html"))).contains("2 of 26 rows, which are wrong");
        assertThat(finetune("right").err()).isEmpty();
        assertThat(adapter("out")).as("the others are the same examples").isEqualTo(adapter("right"));
        Outcome evaluated = Outcome.of("evaluate", "--run", directory.resolve("right").toString(), "--data",
                bad.toString(), "--bad-rows", "skip");
        assertThat(evaluated.out()).contains("Left out    2 of 26 rows, which are wrong\n");
    }
}
