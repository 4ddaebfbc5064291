package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Data and recipes that once went wrong: {@code fixtures/trials}. */
class DataTrialsTest {
    private static final Path TRIALS = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "trials")
            .normalize();

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            csv-with-lone-cr/mac.csv    | line 1: has a carriage return (CR) without a line feed; end lines with LF or CR LF
            fuzz-label-with-cr/cut.csv  | line 4: has a carriage return (CR) without a line feed; end lines with LF or CR LF
            fuzz-label-with-cr/cut.tsv  | line 4: has a carriage return (CR) without a line feed; end lines with LF or CR LF
            fuzz-label-with-cr/cr.jsonl | line 1: has a carriage return (CR) without a line feed; end lines with LF or CR LF
            """)
    void aLoneCarriageReturnIsRefused(String file, String rule) {
        String data = TRIALS.resolve(file).toString();
        outcome("--train", data, "--test", data).requireRefusal(data + ": " + rule);
    }

    @Test
    void aLimitOfASortedFileHasBothClasses() {
        String data = TRIALS.resolve("limit-of-sorted-file/sorted.tsv").toString();
        Outcome outcome = outcome("--model", TRIALS.resolve("adalora-pooler/model").toString(), "--train", data,
                "--test",
                data, "--limit", "20", "--epochs", "2");
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).contains("20 to train, 60 to test, 2 classes")
                .containsPattern("frozen linear probe +100\\.0 %");
    }

    @Test
    void aColumnOfItsOwnValuesIsNoLabel() throws Exception {
        StringBuilder many = new StringBuilder("text\tlabel\n");
        for (int i = 0; i < 100_000; i++) { // as fuzz-many-labels/make.py
            many.append("t\t").append(i).append('\n');
        }
        String data = Files.writeString(directory.resolve("many.tsv"), many).toString();
        outcome("--train", data, "--test", data)
                .requireRefusal(data + ": column \"label\": has 100000 different values in "
                        + "100000 rows: these are no classes; which column has them?");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            wide.yaml    | line 1, column 5: not valid YAML after this: java.lang.NumberFormatException
            cut.yaml     | line 1, column 1: not valid YAML after this: java.lang.NumberFormatException
            integer.yaml | line 1, column 20: a recipe has no tags, such as tag:yaml.org,2002:int
            boolean.yaml | line 1, column 36: a recipe has no tags, such as tag:yaml.org,2002:bool
            """)
    void theParsersOwnFaultsAreRefused(String file, String rule) {
        Path recipe = TRIALS.resolve("fuzz-yaml-escape").resolve(file);
        Outcome outcome = outcome("--recipe", recipe.toString());
        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).startsWith("lorikeet: " + recipe + ": " + rule);
    }

    private Outcome outcome(String... arguments) {
        List<String> all = new ArrayList<>(List.of("finetune", "--out", directory.resolve("out").toString()));
        all.addAll(List.of(arguments));
        return Outcome.of(all.toArray(String[]::new));
    }
}
