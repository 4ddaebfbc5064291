package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.transformer.data.Table;
import java.util.List;

/** The tasks of the command. */
final class RecipeTasks {
    /** In the order in which files are asked whether they are plainly for one; those that take any come last. */
    static final List<RecipeTask> ALL = List.of(new Tags.OfRecipe(), new Causal.OfRecipe(), new Spans.OfRecipe(),
            new Embeddings.OfRecipe(), new Masked.OfRecipe(), new Classes.OfRecipe(), new LabelSets.OfRecipe(),
            new Numbers.OfRecipe(), new SequenceToSequenceWork.OfRecipe());

    private RecipeTasks() {}

    /** The task that a recipe says, or else the one that its files are plainly for. */
    static RecipeTask of(Recipe.Files files, Table table) {
        return ALL.stream().filter(each -> files.task() == null ? each.isMeant(files, table)
                : each.kind() == files.task()).findFirst().orElseThrow();
    }
}
