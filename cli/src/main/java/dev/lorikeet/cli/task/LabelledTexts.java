package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.transformer.data.Row;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.task.Reading;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of whole texts and pairs that have labels in a column: what a recipe means that says nothing else. Which of
 * them it is, the labels tell.
 */
abstract class LabelledTexts implements RecipeTask {
    @Override
    public boolean isMeant(Recipe.Files files, Table table) {
        return true;
    }

    @Override
    public Recipe settle(Recipe recipe, Recipe.Files files, Table table) {
        if (files.task() != null && files.text() != null && !files.labels().isEmpty()) {
            return recipe;
        }
        List<String> columns = table.columns();
        String text = files.text();
        String pair = files.pair();
        if (text == null) {
            List<String> inputs = Columns.inputs(columns);
            text = inputs.getFirst();
            pair = inputs.size() == 2 ? inputs.getLast() : null;
            requireThere(files, inputs, columns, "texts are in (text-column)");
        }
        List<String> labels = files.labels().isEmpty() ? List.of(Columns.label(columns)) : files.labels();
        if (files.labels().isEmpty()) {
            requireThere(files, labels, columns, "labels are in (label-column)");
        }
        TaskKind said = files.task();
        return recipe.with(said != null ? said
                : labels.size() > 1 ? TaskKind.REGRESSION : new Kinds(labels.getFirst()).of(table), text, pair, labels);
    }

    /** Where the usual names are not there, the user may mean another task as well as other columns. */
    private static void requireThere(Recipe.Files files, List<String> expected, List<String> columns, String what) {
        if (!columns.isEmpty() && !columns.containsAll(expected)) {
            throw new InputException(files.train().getFirst(), "columns", "none is known to be the one that the " + what
                    + ", there are " + Shown.names(columns) + "; texts alone are for the task masked or causal, pairs "
                    + "without labels for embeddings, words with a tag each for tokens (task)");
        }
    }

    @Override
    public TaskData<?, ?, ?> read(FileExamples files) {
        Columns columns = Columns.of(files.files());
        return files.files().pair() == null ? read(files, Reading.TEXT, columns)
                : read(files, Reading.PAIR, columns);
    }

    abstract <X> TaskData<X, ?, ?> read(FileExamples files, Reading<X> reading, Columns columns);

    /** What stands in a column. */
    private static final class Kinds {
        /** So many labels that are no numbers are no slips. */
        private static final int ENOUGH = 100;

        private final String column;
        private boolean lists;
        private boolean fractions;
        private int words;
        private int rows;
        private @Nullable Row word;

        Kinds(String column) {
            this.column = column;
        }

        TaskKind of(Table table) {
            table.rows(List.of(column), row -> row, this::add);
            Row stray = word;
            if (fractions && stray != null && 10 * words <= rows) {
                throw stray.error(Shown.value(stray.value(0)) + " is no number, as nearly all others in the column "
                        + Shown.value(column) + " are; what is learned says --task");
            }
            return lists ? TaskKind.MULTI_LABEL
                    : fractions && words == 0 ? TaskKind.REGRESSION : TaskKind.CLASSIFICATION;
        }

        /** Whether another row may change what is told. */
        private boolean add(Row row) {
            Object value = row.value(0);
            lists |= value instanceof List;
            Double number = number(value);
            rows++;
            if (number == null) {
                words++;
                word = word == null ? row : word;
            }
            fractions |= number != null && number != Math.rint(number);
            return !lists && (words <= ENOUGH || 10 * words <= rows);
        }

        private static @Nullable Double number(@Nullable Object value) {
            try {
                return value instanceof Number number ? Double.valueOf(number.doubleValue())
                        : value instanceof String text ? Double.valueOf(text) : null;
            } catch (NumberFormatException _) {
                return null;
            }
        }
    }
}
