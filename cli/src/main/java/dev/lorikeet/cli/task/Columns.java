package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.transformer.data.Row;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.task.EmbeddingLoss;
import java.nio.file.Path;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
    /** Endings of files with a token in each line. */
    private static final Pattern TAGGED = Pattern.compile("(?i).*\\.(conll|conllu|conll2003|iob|iob2|bio)(\\.gz)?");
    private static final List<String> TEXTS = List.of("sentence", "review", "content", "comment", "question", "title");
    private static final List<String> LABELS = List.of("labels", "score", "class", "category", "target", "rating");
    /** So many labels that are no numbers are no slips. */
    private static final int ENOUGH = 100;

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
     * @throws dev.lorikeet.transformer.io.InputException if the file to train with is wrong
     */
    public static Recipe settle(Recipe recipe) {
        if (!(recipe.data() instanceof Recipe.Files files) || files.task() == TaskKind.TOKENS) {
            return recipe;
        }
        if (files.task() == TaskKind.EMBEDDINGS) {
            return settleEmbeddings(recipe, files);
        }
        if (files.task() != null && files.task().isLanguageModel()) {
            return files.text() != null ? recipe : settleLanguageModel(recipe, files, table(files).columns());
        }
        if (files.task() == TaskKind.QUESTION_ANSWERING) {
            return settleAnswers(recipe, files, table(files).columns());
        }
        if (files.task() != null && files.text() != null && !files.labels().isEmpty()) {
            return recipe;
        }
        if (files.task() == null && TAGGED.matcher(files.train().getFirst().toString()).matches()) {
            return recipe.with(TaskKind.TOKENS, files.text(), files.pair(), files.labels());
        }
        Table table = table(files);
        List<String> columns = table.columns();
        if (files.task() == null && files.text() == null && columns.contains("tokens")
                && (columns.contains("tags") || columns.contains("ner_tags"))) {
            return recipe.with(TaskKind.TOKENS, null, null, files.labels());
        }
        if (files.task() == null && files.text() == null && files.labels().isEmpty() && writes(columns) != null) {
            return settleLanguageModel(recipe, files, columns);
        }
        if (files.task() == null && files.text() == null && files.labels().isEmpty()
                && columns.containsAll(List.of("question", "context")) && !answers(columns).isEmpty()) {
            return settleAnswers(recipe, files, columns);
        }
        String text = files.text();
        String pair = files.pair();
        if (text == null) {
            List<String> inputs = inputs(columns);
            text = inputs.getFirst();
            pair = inputs.size() == 2 ? inputs.getLast() : null;
            requireThere(files, inputs, columns, "texts are in (text-column)");
        }
        List<String> labels = files.labels().isEmpty() ? List.of(known("label", LABELS, columns)) : files.labels();
        if (files.labels().isEmpty()) {
            requireThere(files, labels, columns, "labels are in (label-column)");
        }
        TaskKind said = files.task();
        return recipe.with(said == null ? task(table, labels) : said, text, pair, labels);
    }

    /** SQuAD's columns, or one with the answer and perhaps one that says where it begins. */
    private static Recipe settleAnswers(Recipe recipe, Recipe.Files files, List<String> columns) {
        String text = files.text() == null ? known("question", List.of(), columns) : files.text();
        String pair = files.pair() != null ? files.pair() : known("context", List.of("passage", "paragraph"), columns);
        List<String> labels = files.labels().isEmpty() ? answers(columns) : files.labels();
        if (labels.isEmpty() || files.format().header() && !columns.isEmpty()
                && !columns.containsAll(List.of(text, pair))) {
            throw new InputException(files.train().getFirst(), "columns",
                    "a question, a context and answers are needed "
                            + "(text-column, pair-column and label-column), there are " + Shown.names(columns));
        }
        return recipe.with(TaskKind.QUESTION_ANSWERING, text, pair, labels);
    }

    /** The columns of answers that there plainly are; none where there are none. */
    private static List<String> answers(List<String> columns) {
        return columns.contains("answers") ? List.of("answers")
                : !columns.contains("answer") ? List.of()
                        : Stream.of("start", "answer_start").filter(columns::contains).findFirst()
                                .map(start -> List.of("answer", start)).orElse(List.of("answer"));
    }

    private static Recipe settleLanguageModel(Recipe recipe, Recipe.Files files, List<String> columns) {
        TaskKind task = files.task() == null ? TaskKind.CAUSAL : files.task();
        List<String> written = task == TaskKind.MASKED ? null : writes(columns);
        boolean labelled = !files.labels().isEmpty();
        return written == null || labelled && written.size() == 1
                ? recipe.with(task, known("text", TEXTS, columns), null, files.labels())
                : recipe.with(TaskKind.CAUSAL, written.getFirst(), null,
                        labelled ? files.labels() : written.subList(1, written.size()));
    }

    /** The columns of talks or of completions that there plainly are, null where there are none. */
    private static @Nullable List<String> writes(List<String> columns) {
        return columns.contains("messages") ? List.of("messages")
                : columns.contains("prompt") && columns.contains("completion") ? List.of("prompt", "completion") : null;
    }

    private static Table table(Recipe.Files files) {
        return new Table(files.source(files.train()), files.format());
    }

    private static Recipe settleEmbeddings(Recipe recipe, Recipe.Files files) {
        Table table = table(files);
        List<String> columns = table.columns();
        Recipe.Embedding asked = recipe.embedding();
        List<String> inputs = files.text() == null ? inputs(columns)
                : files.pair() == null ? List.of(files.text()) : List.of(files.text(), files.pair());
        if (inputs.size() < 2) {
            throw new InputException(files.train().getFirst(), "columns", "two of texts are needed for embeddings "
                    + "(text-column and pair-column), there are " + Shown.names(columns));
        }
        String negative = asked.negative() != null || files.text() != null || !columns.contains("negative")
                ? asked.negative()
                : "negative";
        String label = files.labels().isEmpty() ? known("label", LABELS, columns) : files.labels().getFirst();
        boolean scores = negative == null && (!files.labels().isEmpty() || columns.contains(label));
        EmbeddingLoss loss = asked.loss() != null ? asked.loss()
                : scores ? EmbeddingLoss.cosineSimilarity() : EmbeddingLoss.multipleNegativesRanking();
        int texts = negative == null ? 2 : 3;
        if (texts < loss.fewestTexts() || texts > loss.mostTexts()) {
            throw new InputException(files.train().getFirst(), "columns", "the loss " + loss.fileName() + " compares "
                    + loss.fewestTexts() + " texts of an example, there are columns of " + texts
                    + (negative == null ? ": negative-column says which the third is" : ""));
        }
        Double largest = asked.largestScore();
        if (largest == null && loss instanceof EmbeddingLoss.CosineSimilarity) {
            DoubleSummaryStatistics scale = new DoubleSummaryStatistics();
            table.rows(List.of(label), row -> Math.abs(row.number(0)), score -> {
                scale.accept(score);
                return true;
            });
            largest = scale.getMax() > 1 ? scale.getMax() : null; // else all are cosines already
        }
        return recipe.with(TaskKind.EMBEDDINGS, inputs.getFirst(), inputs.getLast(),
                loss.isScored() ? List.of(label) : List.of())
                .with(new Recipe.Embedding(negative, loss, asked.pooling(), largest));
    }

    /**
     * The columns of texts that a table plainly has.
     *
     * @param count one, or two of pairs
     * @throws InputException if none is plain
     */
    public static List<String> texts(Path file, List<String> columns, int count) {
        List<String> known = count == 1
                ? List.of(known("text", TEXTS, columns))
                : PAIRS.stream().filter(columns::containsAll).findFirst().orElse(List.of());
        if (known.isEmpty() || !columns.containsAll(known)) {
            throw new InputException(file, "columns", "--text-column " + (count == 1 ? "says which the texts are in"
                    : "and --pair-column say which the two texts of a pair are in") + ", there are "
                    + Shown.names(columns));
        }
        return known;
    }

    private static List<String> inputs(List<String> columns) {
        return columns.contains("text") ? List.of("text")
                : PAIRS.stream().filter(columns::containsAll).findFirst()
                        .orElseGet(() -> List.of(known("text", TEXTS, columns)));
    }

    /** Where the usual names are not there, the user may mean another task as well as other columns. */
    private static void requireThere(Recipe.Files files, List<String> expected, List<String> columns, String what) {
        if (!columns.isEmpty() && !columns.containsAll(expected)) {
            throw new InputException(files.train().getFirst(), "columns", "none is known to be the one that the " + what
                    + ", there are " + Shown.names(columns) + "; texts alone are for the task masked or causal, pairs "
                    + "without labels for embeddings, words with a tag each for tokens (task)");
        }
    }

    /** The usual name; another one only where that is missing. */
    private static String known(String usual, List<String> others, List<String> columns) {
        return columns.contains(usual) ? usual : others.stream().filter(columns::contains).findFirst().orElse(usual);
    }

    private static TaskKind task(Table table, List<String> labels) {
        return labels.size() > 1 ? TaskKind.REGRESSION : new Kinds(labels.getFirst()).of(table);
    }

    /** What stands in a column. */
    private static final class Kinds {
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
