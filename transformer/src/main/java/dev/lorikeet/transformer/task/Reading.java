package dev.lorikeet.transformer.task;

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
    public static final Reading<String> TEXT = new Reading<>("text", List::of);
    /** Two texts, in segments of their own where the model has segments. */
    public static final Reading<TextPair> PAIR = new Reading<>("pair", pair -> List.of(pair.first(), pair.second()));

    private static final Map<String, Reading<?>> ALL = Map.of(TEXT.name, TEXT, PAIR.name, PAIR);

    private final String name;
    private final Function<X, List<String>> texts;

    private Reading(String name, Function<X, List<String>> texts) {
        this.name = name;
        this.texts = texts;
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
