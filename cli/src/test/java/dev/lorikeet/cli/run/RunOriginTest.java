package dev.lorikeet.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.WrittenAnswers.Written;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunOriginTest {
    private static final Path STATE = Path.of("state");

    /** A run that goes on does not ask again what the model wrote before the training. */
    @Test
    void keepsTheAnswersOfBefore() {
        RunOrigin origin = new RunOrigin(RecipeFile.builtIn(), List.of(), "1", "2", "", "", "sha256:3 {}",
                new Tuning.Whole(), ZonedDateTime.of(2026, 1, 2, 3, 4, 5, 0, ZoneOffset.UTC));
        Written written = new Written(List.of("a \"text\"", ""), Map.of("bleu", 0.125), 9, 1.5);
        assertThat(RunOrigin.before(json(origin.about(List.of(), written, true)))).isEqualTo(written);
        assertThat(RunOrigin.before(json(origin.about(List.of(), null, true)))).isNull();
    }

    private static JsonObject json(Map<String, Object> about) {
        return new JsonObject(STATE, "about", Json.readLine(Json.writeLine(about), STATE, 1));
    }
}
