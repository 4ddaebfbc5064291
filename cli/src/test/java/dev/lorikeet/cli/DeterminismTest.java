package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.task.Columns;
import dev.lorikeet.cli.task.TaskData;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Example;
import dev.lorikeet.transformer.data.WordNetGlosses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The built-in recipe with its real model and data, ten steps of 4 examples, each run in a JVM of its own, all side by
 * side. The command as it is would spend most of its time on the 1,992 test examples, on which the adapter does not
 * depend, so they have the same examples from files, and few to test with.
 */
@Tag("slow")
class DeterminismTest {
    private static final int EXAMPLES = 40;
    private static final List<String> FILES = List.of("adapter/adapter_config.json",
            "adapter/adapter_model.safetensors", "head.safetensors", "task.json");

    @TempDir
    private static Path directory;

    @BeforeAll
    static void finetune() throws Exception {
        WordNetGlosses.Split split = WordNetGlosses.split(1);
        write("train.tsv", split.train());
        write("test.tsv", split.test().first(16));
        List<Fork> forks = new ArrayList<>();
        for (String options : List.of("", "--threads 1", "--threads 3 --vector 128", "--threads 2 --vector scalar",
                "--seed 2")) {
            forks.add(start(options));
        }
        for (Fork fork : forks) {
            Outcome outcome = fork.end();
            assertThat(outcome.err()).isEmpty();
            assertThat(outcome.status()).isZero();
        }
    }

    private static Fork start(String options) throws IOException {
        String arguments = "finetune --limit " + EXAMPLES
                + " --batch-size 4 --epochs 1 --no-probe --train train.tsv --test test.tsv "
                + options;
        return Fork.of(directory, Main.class,
                (arguments.strip() + " --out run" + options.replace(' ', '_')).split(" "));
    }

    private static Path file(String options, String name) {
        return directory.resolve("run" + options.replace(' ', '_')).resolve(name);
    }

    @Test
    void theFilesHaveTheBuiltInExamples() {
        Dataset<?> builtIn = data(Map.of());
        Dataset<?> files = data(Map.of("data.train", directory.resolve("train.tsv").toString(), "data.test",
                directory.resolve("test.tsv").toString()));
        assertThat(files.examples()).isEqualTo(builtIn.examples()).hasSize(EXAMPLES);
        assertThat(files.labels()).isEqualTo(builtIn.labels());
    }

    private static Dataset<?> data(Map<String, Object> source) {
        Map<String, Object> changes = new LinkedHashMap<>(source);
        changes.put("training.limit", EXAMPLES);
        return (Dataset<?>) TaskData.read(Columns.settle(RecipeFile.with(RecipeFile.builtIn(), changes)),
                () -> fail("no model is asked for")).train();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--threads 1", "--threads 3 --vector 128", "--threads 2 --vector scalar"})
    void theSameSeedGivesTheSameBytes(String hardware) {
        for (String file : FILES) {
            assertThat(file(hardware, file)).hasSameBinaryContentAs(file("", file));
        }
    }

    @Test
    void anotherSeedGivesOtherBytes() throws IOException {
        for (String file : FILES.subList(1, 3)) {
            assertThat(Files.mismatch(file("--seed 2", file), file("", file))).as(file).isNotNegative();
        }
    }

    private static void write(String name, Dataset<String> data) throws IOException {
        StringBuilder lines = new StringBuilder("text\tlabel\n");
        for (Example<String> example : data.examples()) {
            lines.append(example.input()).append('\t').append(data.labels().get(example.label())).append('\n');
        }
        Files.writeString(directory.resolve(name), lines);
    }
}
