package dev.lorikeet.cli.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recipes in {@code docs/tasks.md} are recipes, and short. */
class TasksPageTest {
    private static final Path PAGE = Path.of(System.getProperty("lorikeet.basedir"), "docs/tasks.md");
    private static final Pattern RECIPE = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path directory;

    @Test
    void everyRecipeIsReadAndIsShort() throws IOException {
        List<String> recipes = RECIPE.matcher(Files.readString(PAGE)).results()
                .map((MatchResult result) -> Objects.requireNonNull(result.group(1))).toList();
        assertThat(recipes).hasSizeGreaterThan(6).allMatch(recipe -> recipe.lines().count() <= 10);
        for (String recipe : recipes) {
            Path file = Files.writeString(directory.resolve("a.yaml"), recipe);
            assertThat(RecipeFile.read(file).data()).as(recipe).isInstanceOf(Recipe.Files.class);
        }
    }
}
