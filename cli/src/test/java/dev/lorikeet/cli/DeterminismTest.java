package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Example;
import dev.lorikeet.transformer.data.WordNetGlosses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The built-in recipe with its real model and data, ten steps of 8 examples, each run in a JVM of its own, all side by
 * side.
 * One run is the command as it is. It spends most of its time on the 1,992 test examples, on which the adapter does not
 * depend, so the others have the same examples from files, and few to test with.
 */
@Tag("slow")
class DeterminismTest {
    private static final List<String> FILES = List.of("adapter/adapter_config.json",
            "adapter/adapter_model.safetensors", "head.safetensors", "task.json");

    @TempDir
    private static Path directory;

    @BeforeAll
    static void finetune() throws Exception {
        WordNetGlosses.Split split = WordNetGlosses.split(1);
        write("train.tsv", split.train());
        write("test.tsv", split.test().first(16));
        List<Fork> forks = new ArrayList<>(List.of(start("built-in")));
        for (String options : List.of("--threads 1", "--threads 3 --vector 128", "--threads 2 --vector scalar",
                "--seed 2")) {
            forks.add(start(options, ("--train train.tsv --test test.tsv " + options).split(" ")));
        }
        for (Fork fork : forks) {
            Outcome outcome = fork.end();
            assertThat(outcome.err()).isEmpty();
            assertThat(outcome.status()).isZero();
        }
    }

    private static Fork start(String out, String... more) throws IOException {
        String[] arguments = Stream
                .concat(Stream.of("finetune", "--limit", "80", "--batch-size", "8", "--epochs", "1", "--out", out),
                        Stream.of(more))
                .toArray(String[]::new);
        return Fork.of(directory, Main.class, arguments);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--threads 1", "--threads 3 --vector 128", "--threads 2 --vector scalar"})
    void theSameSeedGivesTheSameBytes(String hardware) {
        for (String file : FILES) {
            assertThat(directory.resolve(hardware).resolve(file))
                    .hasSameBinaryContentAs(directory.resolve("built-in").resolve(file));
        }
    }

    @Test
    void anotherSeedGivesOtherBytes() throws IOException {
        for (String file : FILES.subList(1, 3)) {
            assertThat(Files.mismatch(directory.resolve("--seed 2").resolve(file),
                    directory.resolve("built-in").resolve(file))).as(file).isNotNegative();
        }
    }

    private static void write(String name, Dataset data) throws IOException {
        StringBuilder lines = new StringBuilder("text\tlabel\n");
        for (Example example : data.examples()) {
            lines.append(example.text()).append('\t').append(data.labels().get(example.label())).append('\n');
        }
        Files.writeString(directory.resolve(name), lines);
    }
}
