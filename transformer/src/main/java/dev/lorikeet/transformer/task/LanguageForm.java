package dev.lorikeet.transformer.task;

import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.transformer.chat.ChatMessage;
import dev.lorikeet.transformer.chat.ChatTemplate;
import dev.lorikeet.transformer.chat.Talk;
import dev.lorikeet.transformer.data.Input;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.tokenizer.Encoding;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * How an input of a language model becomes tokens, and which of them the model is to write: Hugging Face's forms of
 * data sets.
 *
 * @param <X> an input
 */
public final class LanguageForm<X> {
    /** A text, {@code text}, all of which is learned. */
    public static final LanguageForm<String> TEXT = new LanguageForm<>("text", 1, (text, model) -> {
        throw new IllegalStateException("texts are read by TextTask.text");
    });
    /**
     * {@code prompt} and {@code completion}, one behind the other, and the end of a text. What is learned begins with
     * the first token that the prompt alone has not, as in TRL.
     */
    public static final LanguageForm<Completion> COMPLETION = new LanguageForm<>("completion", 2,
            LanguageForm::completion);
    /** {@code messages}, as the model's chat template writes them. */
    public static final LanguageForm<List<ChatMessage>> MESSAGES = new LanguageForm<>("messages", 1,
            LanguageForm::talk);

    private static final Map<String, LanguageForm<?>> ALL = Map.of(TEXT.name, TEXT, COMPLETION.name, COMPLETION,
            MESSAGES.name, MESSAGES);

    private final String name;
    private final int columns;
    private final BiFunction<X, Model, Written> reader;

    /**
     * What an input is to a model, whole.
     *
     * @param text that the tokens are of
     * @param learned the tokens that the model is to write
     */
    public record Written(String text, Encoding encoding, BitSet learned) {
        /** The chars of the text that some tokens stand for. */
        public BitSet chars(BitSet tokens) {
            BitSet chars = new BitSet();
            tokens.stream().forEach(i -> chars.set(encoding.starts()[i], encoding.ends()[i]));
            return chars;
        }
    }

    private LanguageForm(String name, int columns, BiFunction<X, Model, Written> reader) {
        this.name = name;
        this.columns = columns;
        this.reader = reader;
    }

    /** @throws IllegalArgumentException if there is none of this name */
    static LanguageForm<?> of(String name) {
        LanguageForm<?> form = ALL.get(name);
        if (form == null) {
            throw new IllegalArgumentException("input: \"" + name + "\" is not one of text, completion, messages");
        }
        return form;
    }

    /** The name in files. */
    public String name() {
        return name;
    }

    /** How many columns of a file an input has. */
    public int columns() {
        return columns;
    }

    /** The tokens of an input, all of them. */
    public Written read(X input, Model model) {
        return reader.apply(input, model);
    }

    private static Written completion(Completion input, Model model) {
        String end = model.endToken();
        if (end == null) {
            throw new InputException(model.tokenizer().file(), "eos_token", "is not said beside it, in "
                    + "tokenizer_config.json or as eos_token_id, so that nobody knows how a completion ends");
        }
        String both = input.prompt() + input.completion();
        String text = both.endsWith(end) ? both : both + end;
        int[] prompt = model.tokenizer().encode(input.prompt(), Integer.MAX_VALUE).ids();
        Encoding whole = model.tokenizer().encode(text, Integer.MAX_VALUE);
        int first = 0;
        while (first < prompt.length && first < whole.ids().length && prompt[first] == whole.ids()[first]) {
            first++;
        }
        BitSet learned = new BitSet();
        learned.set(first, whole.ids().length);
        return new Written(text, whole, learned);
    }

    private static Written talk(List<ChatMessage> messages, Model model) {
        Talk talk = template(model).talk(messages);
        Encoding whole = model.tokenizer().withoutSpecialTokens().encode(talk.text(), Integer.MAX_VALUE);
        BitSet learned = new BitSet();
        int answer = 0;
        for (int i = 0; i < whole.ids().length; i++) {
            while (answer < talk.answers().size() && talk.answers().get(answer).to() <= whole.starts()[i]) {
                answer++;
            }
            learned.set(i, answer < talk.answers().size() && whole.starts()[i] >= talk.answers().get(answer).from()
                    && whole.ends()[i] <= talk.answers().get(answer).to());
        }
        return new Written(talk.text(), whole, learned);
    }

    /** @throws InputException if the model has none */
    static ChatTemplate template(Model model) {
        ChatTemplate template = model.chatTemplate();
        if (template == null) {
            throw new InputException("the model " + model.id() + " has no chat template, by which it would read "
                    + "messages: neither a chat_template.jinja nor a chat_template in tokenizer_config.json");
        }
        return template;
    }

    /**
     * Where a table has an input.
     *
     * @param names as many as {@link #columns}
     */
    @SuppressWarnings("unchecked") // the constants are all that there are
    public Input<X> columns(List<String> names) {
        return (Input<X>) (this == (Object) MESSAGES ? messages(names)
                : this == (Object) COMPLETION
                        ? new Input<>(names, row -> new Completion(row.text(0), row.text(1)))
                        : Input.text(names.getFirst()));
    }

    private static Input<List<ChatMessage>> messages(List<String> names) {
        return new Input<>(names, row -> {
            if (!(row.value(0) instanceof List<?> list) || list.isEmpty()) {
                throw row.error("the messages (column \"" + names.getFirst() + "\") are no list of messages");
            }
            List<ChatMessage> messages = new ArrayList<>(list.size());
            for (Object each : list) {
                messages.add(message(each, rule -> row.error("message " + (messages.size() + 1) + ": " + rule)));
            }
            return List.copyOf(messages);
        });
    }

    @SuppressWarnings("unchecked") // a JSON object's names are strings
    private static ChatMessage message(Object given, Function<String, InputException> error) {
        if (!(given instanceof Map<?, ?> fields)) {
            throw error.apply("an object with \"role\" and \"content\" is expected");
        }
        try {
            return new ChatMessage((Map<String, Object>) fields);
        } catch (IllegalArgumentException e) {
            throw error.apply(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public String toString() {
        return name;
    }

    /** The classes of tokens: themselves, and {@link CrossEntropy#IGNORED} of those that are not learned. */
    static int[] classes(int[] ids, BitSet learned, LossOn on) {
        int[] classes = ids.clone();
        for (int i = 0; i < classes.length; i++) {
            classes[i] = on == LossOn.ALL || learned.get(i) ? ids[i] : CrossEntropy.IGNORED;
        }
        return classes;
    }
}
