package dev.lorikeet.cli.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.lora.rank.AdaLora;
import dev.lorikeet.lora.search.AutoLora;
import dev.lorikeet.lora.search.Selection;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The section {@code method} of a recipe. */
class RecipeMethodTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            all-linear       | true
            '.*\\.query'     | false
            query            | false
            """)
    void aTargetAloneIsAllLinearOrAnExpression(String target, boolean allLinear) {
        Method.Targets targets = targets(read("method: {targets: '" + target + "'}"));
        assertThat(targets).isEqualTo(new Method.Pattern(target));
        assertThat(((Method.Pattern) targets).isAllLinear()).isEqualTo(allLinear);
    }

    @Test
    void aListOfTargetsNamesLayers() {
        assertThat(targets(read("method:\n  targets:\n  - query\n  - output.dense\n")))
                .isEqualTo(new Method.Suffixes(List.of("query", "output.dense")));
    }

    private static Method.Targets targets(Recipe recipe) {
        return ((Method.Adapted) recipe.method()).targets();
    }

    @Test
    void anotherMethodKeepsWhatBothHave() {
        Recipe recipe = read("method: {rank: 4, targets: [query]}\ntraining: {adapter-rate: 2e-3}");
        Recipe plain = RecipeFile.with(recipe, Map.of("method.name", "lora", "method.alpha", 4.0));
        assertThat(method(plain)).isEqualTo(method("lora", 4, 4.0, List.of("query")));
        assertThat(plain.training().adapterRate()).isEqualTo(2e-3);
    }

    @Test
    void methodsThatFindRanks() {
        Recipe ada = RecipeFile.with(read("method: {rank: 64, alpha: 3}"), Map.of("method.name", "adalora"));
        assertThat(RecipeFile.yaml(ada)).contains("""
                method:
                  name: adalora
                  rank: 12
                  target-rank: 8
                  alpha: 3.0
                  scaling: lora
                  dropout: 0.0
                  targets: all-linear
                  initial-share: 0.1
                  final-share: 0.3
                  mask-interval: 10
                  orthogonal-weight: 0.5
                """);
        assertThat(((Method.AdaLora) ada.method()).settings(564)).isEqualTo(
                AdaLora.defaults().withRanks(8, 12).withSchedule(56, 169, 10));
        Recipe auto = read("method: {name: autolora, rank: 4, scaling: rslora, selection: sigmoid}");
        Method.AutoLora found = (Method.AutoLora) auto.method();
        assertThat(found.search()).isEqualTo(AutoLora.defaults().withSelection(Selection.SIGMOID, false));
        assertThat(found.rank()).isEqualTo(4);
        assertThat(found.stabilized()).isTrue();
        for (Recipe recipe : List.of(ada, auto)) {
            Path file = directory.resolve("written.yaml");
            RecipeFile.write(file, recipe);
            assertThat(RecipeFile.read(file)).isEqualTo(recipe);
            assertThat(method(RecipeFile.with(recipe, Map.of("method.name", "rslora")))).isEqualTo(
                    method("rslora", recipe == ada ? 8 : 4, recipe == ada ? 3.0 : 16.0, "all-linear"));
        }
    }

    @Test
    void fullFineTuningHasARateOfItsOwn() {
        Recipe full = RecipeFile.with(RecipeFile.builtIn(), Map.of("method.name", "full"));
        assertThat(full.method()).isInstanceOf(Method.Full.class);
        TrainingSettings builtIn = RecipeFile.builtIn().training();
        assertThat(full.training()).isEqualTo(builtIn.withRates(1e-4, 3e-3));
        assertThat(read("method: {name: full}").training()).isEqualTo(full.training());
        assertThat(read("method: {name: full}\ntraining: {adapter-rate: 2e-5}").training().adapterRate())
                .isEqualTo(2e-5);
        assertThat(RecipeFile.with(full, Map.of("method.name", "full", "training.epochs", 1)).training().adapterRate())
                .isEqualTo(1e-4);
        Path file = directory.resolve("written.yaml");
        RecipeFile.write(file, full);
        assertThat(RecipeFile.read(file)).isEqualTo(full);
        Recipe back = RecipeFile.with(RecipeFile.read(file), Map.of("method.name", "rslora"));
        assertThat(back.method()).isEqualTo(RecipeFile.builtIn().method());
        assertThat(back.training()).isEqualTo(builtIn);
    }

    private Recipe read(String yaml) {
        try {
            return RecipeFile.read(Files.writeString(directory.resolve("recipe.yaml"), yaml));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Object method(Recipe recipe) {
        return Objects.requireNonNull(recipe.values().tree().get("method"));
    }

    private static Map<String, Object> method(String name, int rank, double alpha, Object targets) {
        return Map.of("name", name, "rank", rank, "alpha", alpha, "dropout", 0.0, "targets", targets);
    }
}
