package dev.lorikeet.transformer.metrics.text;

import java.util.List;
import java.util.function.Function;

/** A {@link Generated} in words. */
record Worded(List<String> answer, List<List<String>> references) {

    static Worded of(Generated text, Function<String, List<String>> words) {
        return new Worded(words.apply(text.answer()), text.references().stream().map(words).toList());
    }
}
