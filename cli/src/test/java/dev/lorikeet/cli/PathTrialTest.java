package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.data.DataFile;
import dev.lorikeet.transformer.io.InputException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The cases {@code fuzz-path-not-representable} and {@code fuzz-message-characters}. */
class PathTrialTest {
    private static final Path TRIALS = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "trials")
            .toAbsolutePath().normalize();
    private static final Path PATHS = TRIALS.resolve("fuzz-path-not-representable");

    @TempDir
    private Path directory;

    @Test
    void whoeverNamesAPathThatIsNoneIsNamed() {
        String out = directory.resolve("out").toString();
        Path surrogate = PATHS.resolve("surrogate.yaml");
        Outcome.of("finetune", "--recipe", surrogate.toString(), "--out", out)
                .requireRefusal(surrogate + ": model: \"\\ud800\" is no name of a file: ");
        Path sharded = PATHS.resolve("sharded");
        Outcome.of("inspect", sharded.toString())
                .requireRefusal(sharded.resolve("model.safetensors.index.json") + ": weight_map.");
        Path adapter = PATHS.resolve("adapter");
        Outcome.of("merge", adapter.toString(), "--out", out).requireRefusal(adapter.resolve("adapter_config.json")
                + ": base_model_name_or_path: \"a\\u0000b\" is no name of a file: ");
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no locale C")
    void inALocaleThatLacksTheLettersTheLocaleIsNamed() throws Exception {
        Path accent = PATHS.resolve("accent.yaml");
        Fork.inLocaleC(directory, "out", Main.class, "finetune", "--recipe", accent.toString(), "--out").end()
                .requireRefusal(accent + ": data.train: \"donn?es.tsv\" is no name of a file in the locale's encoding "
                        + "(sun.jnu.encoding), ");
    }

    @Test
    void whatAFileSaysIsShownAndShort() {
        Path escape = TRIALS.resolve("fuzz-message-characters/escape.tsv");
        assertThatThrownBy(() -> DataFile.read(escape, "text", "label", List.of("x")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("\"\\u001b[2J\\u001b[31mred\"");
        Path config = TRIALS.resolve("fuzz-message-characters");
        Outcome outcome = Outcome.of("finetune", "--model", config.toString(), "--out",
                directory.resolve("out").toString());
        outcome.requireRefusal(config.resolve("config.json") + ": model_type: ");
        assertThat(outcome.err()).hasSizeLessThan(520);
    }
}
