package dev.lorikeet.transformer.task;

import dev.lorikeet.transformer.data.Input;
import dev.lorikeet.transformer.data.TextPair;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.tokenizer.Encoding;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * How an input of a task for sequences becomes tokens.
 *
 * @param <X> an input
 */
public final class Reading<X> {
    /** A text. */
    public static final Reading<String> TEXT = new Reading<>("text", 1, List::of, List::getFirst);
    /** Two texts, in segments of their own where the model has segments. */
    public static final Reading<TextPair> PAIR = new Reading<>("pair", 2,
            pair -> List.of(pair.first(), pair.second()), texts -> new TextPair(texts.getFirst(), texts.getLast()));

    private static final Map<String, Reading<?>> ALL = Map.of(TEXT.name, TEXT, PAIR.name, PAIR);

    private final String name;
    private final int count;
    private final Function<X, List<String>> texts;
    private final Function<List<String>, X> input;

    private Reading(String name, int count, Function<X, List<String>> texts, Function<List<String>, X> input) {
        this.name = name;
        this.count = count;
        this.texts = texts;
        this.input = input;
    }

    /** @throws IllegalArgumentException if there is none of this name */
    static Reading<?> of(String name) {
        Reading<?> reading = ALL.get(name);
        if (reading == null) {
            throw new IllegalArgumentException("input: \"" + name + "\" is not one of text, pair");
        }
        return reading;
    }

    /** The name in files. */
    public String name() {
        return name;
    }

    /** How many texts an input has. */
    public int count() {
        return count;
    }

    /**
     * An input of so many texts.
     *
     * @throws IllegalArgumentException if there are more or fewer
     */
    public X input(List<String> own) {
        if (own.size() != count) {
            throw new IllegalArgumentException("input: " + own.size() + " texts, a " + name + " has " + count);
        }
        return input.apply(own);
    }

    /** An input in these columns of a file, a text in each. */
    public Input<X> columns(List<String> columns) {
        Input<List<String>> texts = Input.texts(columns);
        return new Input<>(columns, row -> input.apply(texts.reader().apply(row)));
    }

    /** The texts of an input, in the order in which they are read. */
    public List<String> texts(X input) {
        return texts.apply(input);
    }

    /** The tokens of an input, as many as the model can read. */
    public Encoding encoding(X input, Model model) {
        List<String> own = texts(input);
        int most = model.backbone().maxTokens();
        return own.size() == 1 ? model.tokenizer().encode(own.getFirst(), most)
                : model.tokenizer().encode(own.getFirst(), own.getLast(), most);
    }

    /** As {@link #encoding}, as the model is trained on it. */
    Encoded encode(X input, Model model) {
        Encoding encoding = encoding(input, model);
        Encoded encoded = Encoded.of(encoding.ids(), encoding.truncated());
        return texts(input).size() > 1 && model.backbone().config().segments() > 1
                ? encoded.typeIds(encoding.typeIds())
                : encoded;
    }

    @Override
    public String toString() {
        return name;
    }
}
