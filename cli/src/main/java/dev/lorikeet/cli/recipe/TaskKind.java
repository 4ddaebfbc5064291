package dev.lorikeet.cli.recipe;

import dev.lorikeet.transformer.settings.Setting;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What can be learned from files of one's own, and what a recipe says of it. */
public enum TaskKind {
    /** One class of each input. */
    CLASSIFICATION("classification", true, TaskColumns.LABELLED, List::of),
    /** Any number of labels of each input. */
    MULTI_LABEL("multi-label", true, TaskColumns.LABELLED, List::of),
    /** A number of each input, or several. */
    REGRESSION("regression", true, new TaskColumns(true, true, 1, Integer.MAX_VALUE), List::of),
    /** A tag of each word. */
    TOKENS("tokens", true, new TaskColumns(false, true, 0, 1), List::of),
    /** A vector of each text, near those of texts that mean the same. */
    EMBEDDINGS("embeddings", false, new TaskColumns(true, true, 0, 1),
            () -> List.of(RecipeSettings.NEGATIVE_COLUMN, RecipeSettings.LARGEST_SCORE, RecipeSettings.LOSS,
                    RecipeSettings.POOLING)),
    /** The part of a text that answers a question, and where that begins. */
    QUESTION_ANSWERING("question-answering", true, new TaskColumns(true, true, 1, 2),
            () -> List.of(RecipeSettings.DOC_STRIDE, RecipeSettings.MAX_ANSWER_LENGTH, RecipeSettings.MAX_LENGTH,
                    RecipeSettings.NULL_THRESHOLD)),
    /** The tokens behind masks. */
    MASKED("masked", false, TaskColumns.ofTexts(0), () -> List.of(RecipeSettings.BLOCK_SIZE)),
    /** The token after each token, of texts or, with a second column, of completions. */
    CAUSAL("causal", true, TaskColumns.ofTexts(1),
            () -> List.of(RecipeSettings.BLOCK_SIZE, RecipeSettings.LOSS_ON, RecipeSettings.MAX_LENGTH,
                    RecipeSettings.TRUNCATION_SIDE, RecipeSettings.ANSWERS)),
    /** A text for each text, such as its translation. */
    SEQUENCE_TO_SEQUENCE("sequence-to-sequence", false, new TaskColumns(true, false, 1, 1),
            () -> List.of(RecipeSettings.MAX_LENGTH, RecipeSettings.ANSWERS));

    private final String fileName;
    private final boolean told;
    private final TaskColumns columns;
    private final Supplier<List<Setting<?>>> settings;

    /**
     * @param told whether columns tell it, so that a recipe need not say it
     * @param settings those that do not go with every task: asked for when they are there, since one of them is the
     *     task
     */
    TaskKind(String fileName, boolean told, TaskColumns columns, Supplier<List<Setting<?>>> settings) {
        this.fileName = fileName;
        this.told = told;
        this.columns = columns;
        this.settings = settings;
    }

    /** The name in recipes. */
    public String fileName() {
        return fileName;
    }

    TaskColumns columns() {
        return columns;
    }

    /** Whether columns tell it, so that a recipe need not say it. */
    boolean isTold() {
        return told;
    }

    /** The tasks that a setting goes with; none where that are all. */
    static List<TaskKind> with(Setting<?> setting) {
        return Stream.of(values()).filter(kind -> kind.settings.get().contains(setting)).toList();
    }

    /** Which tasks a setting goes with, as a message says it. */
    static String goesWith(Setting<?> setting) {
        List<TaskKind> kinds = with(setting);
        List<String> names = kinds.stream().map(TaskKind::fileName).toList();
        boolean language = kinds.stream().allMatch(kind -> kind.columns.areOfTexts());
        return names.size() == 1 ? "goes with the task " + names.getFirst()
                : "goes with " + (language ? "language models: " : "") + "the tasks "
                        + String.join(", ", names.subList(0, names.size() - 1)) + " and " + names.getLast();
    }

    /** The settings that do not go with every task. */
    static List<Setting<?>> ownSettings() {
        return Stream.of(values()).<Setting<?>>flatMap(kind -> kind.settings.get().stream()).distinct().toList();
    }
}
