package dev.lorikeet.cli.task;

import java.util.List;

/**
 * What a language model wrote in answer to test examples.
 *
 * @param exact the share of answers that are those of the examples to the letter
 * @param right the share of answers that mean the same
 * @param tokensPerSecond that it wrote
 * @param some of the answers
 */
public record Judged(int asked, double exact, double right, double tokensPerSecond, List<Answer> some) {
    /** One question with what was expected and what was written. */
    public record Answer(String question, String expected, String written, boolean isRight) {}
}
