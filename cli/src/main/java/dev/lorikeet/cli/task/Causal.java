package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeSettings;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.chat.ChatMessage;
import dev.lorikeet.transformer.data.DataSource;
import dev.lorikeet.transformer.data.Input;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.CausalLanguageModel;
import dev.lorikeet.transformer.task.Completion;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.LanguageForm;
import dev.lorikeet.transformer.task.LossOn;
import dev.lorikeet.transformer.tokenizer.Encoding;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The token after each token, of texts, completions or talks: it is trained and evaluated; generate asks it. */
record Causal<X>(CausalLanguageModel<X> task) implements LanguageWork<X, Double> {
    @Override
    public boolean isWriting() {
        return !task.form().equals(LanguageForm.TEXT);
    }

    /**
     * What a recipe's columns hold: completions where there is a second one, talks where JSON has lists, else texts.
     *
     * @param files whose columns are settled
     */
    static Causal<?> of(Recipe recipe, Recipe.Files files, DataSource source) {
        LanguageForm<?> form = files.labels().isEmpty()
                ? isList(new Table(source, files.format()), Objects.requireNonNull(files.text()))
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
    public TaskKind kind() {
        return TaskKind.CAUSAL;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>(LanguageWork.super.settings());
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
        String title = LanguageWork.super.title();
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
            LanguageWork.super.preview(input, target, model, terminal);
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

    private static InputException refusal() {
        return new InputException("the model is for the task " + TaskKind.CAUSAL.fileName() + ", which goes on with "
                + "texts: generate and chat do that, and evaluate tells the perplexity of texts");
    }

    /** @throws InputException always */
    @Override
    public X input(List<String> texts) {
        throw refusal();
    }

    @Override
    public void tell(X input, Double perplexity, int top, Terminal terminal) {
        throw refusal();
    }

    @Override
    public Map<String, Object> json(X input, Double perplexity, int top) {
        throw refusal();
    }
}
