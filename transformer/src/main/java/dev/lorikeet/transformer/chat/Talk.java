package dev.lorikeet.transformer.chat;

import java.util.List;

/**
 * A talk as one text.
 *
 * <p>A token that stands in an answer only in part is none of its: where a template does not mark answers, the first
 * letters of what follows may be those that could have ended the talk.
 *
 * @param answers where what the model says stands in it, in order
 */
public record Talk(String text, List<Span> answers) {
    public Talk {
        answers = List.copyOf(answers);
    }

    /** A piece of a text: the chars {@code from} … {@code to} - 1. */
    public record Span(int from, int to) {}
}
