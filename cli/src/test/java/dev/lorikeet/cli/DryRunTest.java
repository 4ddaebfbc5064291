package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run that is only checked and measured. */
class DryRunTest {
    @TempDir
    private static Path directory;
    private static TinyTask task;

    @BeforeAll
    static void writeTask() throws IOException {
        task = TinyTask.in(directory);
    }

    private static List<Path> entries() throws IOException {
        try (Stream<Path> tree = Files.walk(directory)) {
            return tree.sorted().toList();
        }
    }

    /** Of 1,682 floats AdamW has two more each, and a count for each of the 26 tensors. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            rslora                       | 1,682 of 3,026 trained | 6.7 kB | 13.6 kB
            rslora --optimizer sgd       | 1,682 of 3,026 trained | 6.7 kB | 104 bytes
            full                         | 1,362 of 1,362 trained | 5.4 kB | 11.1 kB
            autolora                     | 1,682 of 3,026 trained | 6.7 kB | 13.6 kB
            """)
    void tellsWhatARunTakesAndWritesNothing(String method, String parameters, String trained, String optimizer)
            throws IOException {
        List<Path> before = entries();
        Path out = directory.resolve("deep/down");
        Outcome dry = Outcome.of(task.finetune(out, ("--dry-run --method " + method).split(" ")));
        assertThat(dry.err()).isEmpty();
        assertThat(dry.status()).isZero();
        assertThat(dry.out()).contains("Parameters  " + parameters, "Steps       16 in 4 epochs, 120 tokens an epoch\n",
                "measured on 8 steps of the run", "A dry run: nothing was written. The run would be in " + out + ".\n")
                .containsPattern("\n  trained weights +" + trained + "\n").containsPattern("\n  optimizer +" + optimizer
                        + "\n")
                .containsPattern("\n  activations +\\d+\\.\\d kB\n").containsPattern("\nTime        about \\d");
        assertThat(entries()).isEqualTo(before);
    }

    @Test
    void theBestWeightsAreKeptBeside() {
        Outcome dry = Outcome.of(task.finetune(directory.resolve("out"), "--dry-run", "--validation", "0.5"));
        assertThat(dry.out()).containsPattern("\n  the best weights so far +6.7 kB\n");
    }

    /** What is suggested is a tenth of the rates in the row of the least loss, or between two rows. */
    @Test
    void ratesAreTriedAndNothingIsWritten() throws IOException {
        List<Path> before = entries();
        Outcome found = Outcome.of(task.finetune(directory.resolve("rates"), "--find-rate", "--adapter-rate", "0.01",
                "--head-rate", "0.05"));
        assertThat(found.err()).isEmpty();
        assertThat(entries()).isEqualTo(before);
        Matcher suggested = Pattern.compile("--adapter-rate (\\S+) --head-rate (\\S+)\n").matcher(found.out());
        assertThat(suggested.find()).isTrue();
        double adapter = Double.parseDouble(suggested.group(1));
        assertThat(Double.parseDouble(suggested.group(2))).isCloseTo(5 * adapter, withinPercentage(1));
        List<double[]> rows = Pattern.compile("(?m)^ +([\\d.e-]+) +[\\d.e+-]+ +(\\d+\\.\\d{3}) ").matcher(found.out())
                .results().map(row -> new double[] {Double.parseDouble(row.group(1)), Double.parseDouble(row.group(2))})
                .toList();
        assertThat(rows).hasSize(24);
        double[] least = rows.stream().min(Comparator.comparingDouble(row -> row[1])).orElseThrow();
        assertThat(10 * adapter).isBetween(least[0] / 3, least[0] * 3);
    }

    @Test
    void checksWhatARunChecks() throws IOException {
        Path taken = Files.createDirectories(directory.resolve("taken"));
        Files.writeString(taken.resolve("mine.txt"), "");
        Outcome.of(task.finetune(taken, "--dry-run")).requireRefusal("is not empty and holds no run");
        Outcome.of(task.finetune(directory.resolve("out"), "--dry-run", "--label-column", "kind"))
                .requireRefusal("kind");
        Outcome.of(task.finetune(directory.resolve("out"), "--dry-run", "--resume"))
                .requireRefusal("--dry-run: is of a run that begins");
    }
}
