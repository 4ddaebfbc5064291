package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeSettings;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.chat.ChatMessage;
import dev.lorikeet.transformer.data.Input;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.CausalLanguageModel;
import dev.lorikeet.transformer.task.Completion;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.LanguageForm;
import dev.lorikeet.transformer.task.LossOn;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.tokenizer.Encoding;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The token after each token, of texts, completions or talks: it is trained and evaluated; generate asks it. */
record Causal<X>(CausalLanguageModel<X> task) implements WritingWork<X> {
    @Override
    public boolean isWriting() {
        return !task.form().equals(LanguageForm.TEXT);
    }

    @Override
    public TaskKind kind() {
        return TaskKind.CAUSAL;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>(WritingWork.super.settings());
        if (!task.form().equals(LanguageForm.TEXT)) {
            settings.put(RecipeSettings.LOSS_ON.name(), task.lossOn().fileName());
            settings.put(RecipeSettings.TRUNCATION_SIDE.name(), task.side().fileName());
            if (task.maxLength() > 0) {
                settings.put(RecipeSettings.MAX_LENGTH.name(), Integer.toString(task.maxLength()));
            }
        }
        return settings;
    }

    @Override
    public String things() {
        return switch (task.form().name()) {
            case "completion" -> "completions";
            case "messages" -> "talks";
            default -> "texts";
        };
    }

    @Override
    public String title() {
        String title = WritingWork.super.title();
        return task.blockSize() > 0 || task.form().equals(LanguageForm.TEXT) ? title : title + " of " + things();
    }

    @Override
    public Input<X> input(Recipe.Files files) {
        String text = Objects.requireNonNull(files.text());
        return task.form().columns(task.form().columns() == 1 ? List.of(text)
                : List.of(text, files.labels().getFirst()));
    }

    @Override
    public String outputs() {
        return task.form().equals(LanguageForm.TEXT) ? "the token after each token"
                : task.lossOn() == LossOn.ALL ? "the token after each token of " + things()
                        : "what the model is to write of " + things();
    }

    @Override
    public String show(X target) {
        return switch (target) {
            case Completion completion -> completion.completion();
            case List<?> talk -> talk.stream().map(ChatMessage.class::cast).map(ChatMessage::role).toList().toString();
            default -> "each token is what is to be told of those before it";
        };
    }

    @Override
    public List<Encoding> encodings(X input, Model model) {
        return List.of(input instanceof String text ? model.tokenizer().encode(text, Integer.MAX_VALUE)
                : task.form().read(input, model).encoding());
    }

    /** The text as the model reads it, and its tokens: those that are learned stand out. */
    @Override
    public void preview(X input, X target, Model model, Terminal terminal) {
        if (input instanceof String) {
            WritingWork.super.preview(input, target, model, terminal);
            return;
        }
        LanguageForm.Written whole = task.form().read(input, model);
        BitSet learned = new BitSet();
        learned.set(1, whole.encoding().ids().length);
        if (task.lossOn() == LossOn.COMPLETION) {
            learned.and(whole.learned());
        }
        Encoded cut = task.encode(input, target, model);
        terminal.line(Format.count(task.count(cut), "token is", "tokens are") + " learned of "
                + Format.count(cut.tokens()) + (cut.truncated() == 0 ? ""
                        : ", " + Format.count(cut.truncated(), "is", "are") + " cut off the "
                                + task.side().fileName()));
        terminal.marked(whole.text(), whole.chars(learned));
        terminal.tokens(whole.encoding().tokens(), learned);
    }

    @Override
    public String asked() {
        return "goes on with texts: generate and chat do that, and evaluate tells the perplexity of texts";
    }

    /** Of prompts with completions and of talks; of texts, where it is asked for. */
    static final class OfRecipe implements RecipeTask {
        @Override
        public TaskKind kind() {
            return TaskKind.CAUSAL;
        }

        @Override
        public boolean isMeant(Recipe.Files files, Table table) {
            return files.text() == null && files.labels().isEmpty() && written(table.columns()) != null;
        }

        @Override
        public Recipe settle(Recipe recipe, Recipe.Files files, Table table) {
            if (files.text() != null) {
                return recipe;
            }
            List<String> columns = table.columns();
            List<String> written = written(columns);
            boolean labelled = !files.labels().isEmpty();
            return written == null || labelled && written.size() == 1
                    ? recipe.with(kind(), Columns.text(columns), null, files.labels())
                    : recipe.with(kind(), written.getFirst(), null,
                            labelled ? files.labels() : written.subList(1, written.size()));
        }

        /** The columns of talks or of completions that there plainly are, null where there are none. */
        private static @Nullable List<String> written(List<String> columns) {
            return columns.contains("messages") ? List.of("messages")
                    : columns.contains("prompt") && columns.contains("completion") ? List.of("prompt", "completion")
                            : null;
        }

        @Override
        public TaskData<?, ?, ?> read(FileExamples files) {
            return made(files.recipe(), files.files()).with(files);
        }

        /** Of completions where there is a second column, of talks where JSON has lists, else of texts. */
        private static Causal<?> made(Recipe recipe, Recipe.Files files) {
            LanguageForm<?> form = files.labels().isEmpty()
                    ? isList(new Table(files.source(files.train()), files.format()),
                            Objects.requireNonNull(files.text()))
                                    ? LanguageForm.MESSAGES
                                    : LanguageForm.TEXT
                    : LanguageForm.COMPLETION;
            if (form.equals(LanguageForm.TEXT)) {
                if (recipe.maxLength() > 0) {
                    throw new InputException(RecipeSettings.flag(RecipeSettings.MAX_LENGTH) + ": goes with prompts and "
                            + "messages; of texts nothing is cut off, block-size says how long their pieces are");
                }
                return new Causal<>(CausalLanguageModel.ofTexts(recipe.blockSize()));
            }
            return new Causal<>(new CausalLanguageModel<>(form, recipe.lossOn(), recipe.maxLength(),
                    recipe.truncationSide(), recipe.blockSize()));
        }

        private static boolean isList(Table table, String column) {
            boolean[] list = new boolean[1];
            table.rows(List.of(column), row -> row.value(0) instanceof List<?>, first -> {
                list[0] = first;
                return false;
            });
            return list[0];
        }

        @Override
        public @Nullable CommandTask<?, ?, ?> of(Task<?, ?, ?> task) {
            return task instanceof CausalLanguageModel<?> causal ? new Causal<>(causal) : null;
        }
    }
}
