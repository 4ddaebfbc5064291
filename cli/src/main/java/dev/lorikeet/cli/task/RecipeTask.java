package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.task.Task;
import org.jspecify.annotations.Nullable;

/** A task as recipes have it: how files tell that it is meant, and how it is made of them. */
interface RecipeTask {
    /** Its facts, as far as recipes have them. */
    TaskKind kind();

    /**
     * Whether files are plainly for it, of a recipe that says no task.
     *
     * @param table of the files to train with
     */
    default boolean isMeant(Recipe.Files files, Table table) {
        return false;
    }

    /**
     * A recipe with the task and the columns that its files plainly have, where it leaves them open.
     *
     * @param table of the files to train with
     * @throws InputException if one is needed, and none is plain
     */
    Recipe settle(Recipe recipe, Recipe.Files files, Table table);

    /**
     * The task with its examples.
     *
     * @throws InputException if a file is wrong, or there is nothing to be learned
     */
    TaskData<?, ?, ?> read(FileExamples files);

    /** What the command knows of the task of a model; null of another task. */
    @Nullable
    CommandTask<?, ?, ?> of(Task<?, ?, ?> task);
}
