package dev.lorikeet.cli.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Example;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskDataTest {
    @TempDir
    private Path directory;

    @Test
    void aLimitTakesOfEachClassItsShare() throws IOException {
        assertThat(data(sorted(20)).examples()).extracting(Example::label).containsOnly(0, 1).hasSize(20);
        TaskData<?, ?, ?> builtIn = read(RecipeFile.with(RecipeFile.builtIn(), Map.of("training.limit", 48)));
        Map<Integer, Integer> counts = new TreeMap<>();
        data(builtIn).examples().forEach(example -> counts.merge(example.label(), 1, Integer::sum));
        assertThat(counts.values()).hasSize(24).containsOnly(2);
    }

    @Test
    void aLimitMustLeaveTwoClasses() {
        assertThatThrownBy(() -> sorted(1)).isInstanceOf(InputException.class).hasMessage(directory
                .resolve("sorted.tsv")
                + ": column \"label\": the only example that the limit leaves is of the class \"bad\", at least two "
                + "are needed");
        Recipe one = RecipeFile.with(RecipeFile.builtIn(), Map.of("training.limit", 1));
        assertThatThrownBy(() -> read(one)).isInstanceOf(InputException.class)
                .hasMessage("training.limit: the only example that the limit leaves is of the class \"act\", at least "
                        + "two are needed");
    }

    /** 30 of one class, and then 30 of the other. */
    private TaskData<?, ?, ?> sorted(int limit) throws IOException {
        StringBuilder content = new StringBuilder("text\tlabel\n");
        for (int i = 0; i < 60; i++) {
            content.append("text ").append(i).append('\t').append(i < 30 ? "bad" : "good").append('\n');
        }
        String file = Files.writeString(directory.resolve("sorted.tsv"), content).toString();
        return read(Columns.settle(RecipeFile.with(RecipeFile.builtIn(),
                Map.of("data.train", file, "data.test", file, "training.limit", limit))));
    }

    private static TaskData<?, ?, ?> read(Recipe recipe) {
        return TaskData.read(recipe, () -> fail("no model is asked for"));
    }

    private static Dataset<?> data(TaskData<?, ?, ?> all) {
        return (Dataset<?>) all.train();
    }
}
