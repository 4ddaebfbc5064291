package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Where a file has what a task reads.
 *
 * @param inputs one column, or two of a pair
 * @param labels one column, or several of numbers
 * @param separator between labels in one field
 */
public record Columns(List<String> inputs, List<String> labels, String separator) {
    private static final List<List<String>> PAIRS = List.of(List.of("sentence1", "sentence2"),
            List.of("premise", "hypothesis"), List.of("question1", "question2"), List.of("question", "sentence"),
            List.of("question", "context"), List.of("question", "answer"),
            List.of("query", "passage"), List.of("anchor", "positive"), List.of("query", "positive"),
            List.of("text_a", "text_b"));
    private static final List<String> TEXTS = List.of("sentence", "review", "content", "comment", "question", "title");
    private static final List<String> LABELS = List.of("labels", "score", "class", "category", "target", "rating");

    public Columns {
        inputs = List.copyOf(inputs);
        labels = List.copyOf(labels);
    }

    /** Those that a recipe says, once they are settled. */
    static Columns of(Recipe.Files files) {
        String text = Objects.requireNonNull(files.text());
        return new Columns(files.pair() == null ? List.of(text) : List.of(text, files.pair()), files.labels(),
                files.separator());
    }

    /**
     * A recipe with the task and the columns that its files plainly have, where it leaves them open.
     *
     * @throws InputException if the file to train with is wrong
     */
    public static Recipe settle(Recipe recipe) {
        if (!(recipe.data() instanceof Recipe.Files files)) {
            return recipe;
        }
        Table table = new Table(files.source(files.train()), files.format());
        return RecipeTasks.of(files, table).settle(recipe, files, table);
    }

    /**
     * The columns of texts that a table plainly has.
     *
     * @param count one, or two of pairs
     * @throws InputException if none is plain
     */
    public static List<String> texts(Path file, List<String> columns, int count) {
        List<String> known = count == 1
                ? List.of(text(columns))
                : PAIRS.stream().filter(columns::containsAll).findFirst().orElse(List.of());
        if (known.isEmpty() || !columns.containsAll(known)) {
            throw new InputException(file, "columns", "--text-column " + (count == 1 ? "says which the texts are in"
                    : "and --pair-column say which the two texts of a pair are in") + ", there are "
                    + Shown.names(columns));
        }
        return known;
    }

    /** The columns of a text or of a pair, the usual one where none is plain. */
    static List<String> inputs(List<String> columns) {
        return columns.contains("text") ? List.of("text")
                : PAIRS.stream().filter(columns::containsAll).findFirst()
                        .orElseGet(() -> List.of(text(columns)));
    }

    /** The column of texts, the usual one where none is plain. */
    static String text(List<String> columns) {
        return known("text", TEXTS, columns);
    }

    /** The column of labels, the usual one where none is plain. */
    static String label(List<String> columns) {
        return known("label", LABELS, columns);
    }

    /** The usual name; another one only where that is missing. */
    static String known(String usual, List<String> others, List<String> columns) {
        return columns.contains(usual) ? usual : others.stream().filter(columns::contains).findFirst().orElse(usual);
    }
}
