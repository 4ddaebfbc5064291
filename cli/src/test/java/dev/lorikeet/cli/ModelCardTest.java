package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The card beside an adapter or a model, as the Hub and people read it. */
class ModelCardTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            rslora | adapter/adapter_model.safetensors | peft         | 1,682 of 3,026
            full   | model/model.safetensors           | transformers | 1,362 of 1,362
            """)
    void saysWhatTheRunWas(String method, String weights, String library, String trained) throws IOException {
        TinyTask task = TinyTask.in(directory);
        Path run = directory.resolve("run");
        assertThat(Outcome.of(task.finetune(run, "--epochs", "1", "--method", method)).err()).isEmpty();
        String card = Files.readString(run.resolve(weights).resolveSibling("README.md"));
        String[] parts = card.split("(?m)^---\n");
        Map<?, ?> front = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(parts[1]);
        assertThat(front.get("base_model")).isEqualTo(task.model().toString());
        assertThat(front.get("library_name")).isEqualTo(library);
        assertThat((List<?>) front.get("tags")).asString().contains(method, "lorikeet");
        assertThat((List<?>) front.get("metrics")).asString().isEqualTo("[accuracy, f1, matthews_correlation]");
        Outcome evaluated = Outcome.of("evaluate", "--run", run.toString());
        assertThat(parts[2]).contains("| " + accuracy(evaluated) + " |", "| majority class | 50.0 % |",
                trained + " parameters were trained", "`" + new Sha256().add(run.resolve(weights)).hex() + "`",
                "`" + new Sha256().add(run.resolve("head.safetensors")).hex() + "`", "| train | `train.tsv` | 24 | `",
                "| test | `test.tsv` | 12 | `", "lorikeet finetune --recipe ../recipe.yaml",
                RecipeFile.dump(RecipeFile.ofTraining(RecipeFile.read(run.resolve("recipe.yaml")))))
                .doesNotContain(task.train().toString());
    }

    private static String accuracy(Outcome evaluated) {
        return evaluated.out().lines().filter(line -> line.startsWith("Accuracy")).findFirst().orElseThrow()
                .replaceFirst("Accuracy +([^,]+),.*", "$1");
    }

    /** What a file is called may be anything: it stays in its cell. */
    @Test
    void namesAreNoMarkup() throws IOException {
        TinyTask task = TinyTask.in(directory);
        Path odd = Files.copy(task.train(), directory.resolve("a|b`c`*d*.tsv"));
        Path run = directory.resolve("run");
        assertThat(Outcome.of(task.finetune(run, "--epochs", "1", "--train", odd.toString(), "--validation", "0.5"))
                .err()).isEmpty();
        assertThat(run.resolve("adapter/README.md")).content().contains("| train | `a\\|b'c'*d*.tsv` | 12 | `",
                "| validation | 50.0 % of `a\\|b'c'*d*.tsv` | 12 | `");
        assertThat(JsonObject.read(run.resolve("task.json")).string("task")).isEqualTo("sequence-classification");
    }
}
