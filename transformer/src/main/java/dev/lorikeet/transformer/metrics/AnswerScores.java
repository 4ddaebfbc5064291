package dev.lorikeet.transformer.metrics;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import java.util.regex.Pattern;

/**
 * What an answer is worth (Rajpurkar et al. 2016, section 6.1), as SQuAD's {@code evaluate-v2.0.py} has it: without
 * capitals, punctuation, articles and blanks; of several right ones the one that it is nearest to.
 */
public final class AnswerScores {
    /** Python's {@code string.punctuation}. */
    private static final Pattern PUNCTUATION = Pattern.compile("\\p{Punct}");
    private static final Pattern ARTICLES = Pattern.compile("\\b(a|an|the)\\b", Pattern.UNICODE_CHARACTER_CLASS);
    /** What Python's {@code str.split()} takes for blanks. */
    private static final Pattern BLANKS = Pattern.compile("[\\s\\x1c-\\x1f]+", Pattern.UNICODE_CHARACTER_CLASS);

    private AnswerScores() {}

    /** The words of an answer that count. */
    private static List<String> words(String answer) {
        String plain = PUNCTUATION.matcher(answer.toLowerCase(Locale.ROOT)).replaceAll("");
        return Arrays.stream(BLANKS.split(ARTICLES.matcher(plain).replaceAll(" "))).filter(word -> !word.isEmpty())
                .toList();
    }

    /** The right ones that have a word that counts; without any, the one that says nothing is right. */
    private static double best(String said, List<String> right, ToDoubleBiFunction<List<String>, List<String>> score) {
        List<String> own = words(said);
        List<List<String>> worded = right.stream().map(AnswerScores::words).filter(words -> !words.isEmpty()).toList();
        return (worded.isEmpty() ? List.of(List.<String>of()) : worded).stream()
                .mapToDouble(each -> score.applyAsDouble(own, each)).max().orElseThrow();
    }

    /**
     * Whether the words of an answer are those of a right one.
     *
     * @param right none where there is no answer, which the empty text says
     */
    public static boolean isExact(String said, List<String> right) {
        return best(said, right, (own, each) -> own.equals(each) ? 1 : 0) > 0;
    }

    /**
     * The harmonic mean of the share of an answer's words that a right one has, and of its words that the answer has.
     *
     * @param right none where there is no answer, which the empty text says
     */
    public static double f1(String said, List<String> right) {
        return best(said, right, AnswerScores::f1OfWords);
    }

    private static double f1OfWords(List<String> said, List<String> right) {
        if (said.isEmpty() || right.isEmpty()) {
            return said.equals(right) ? 1 : 0;
        }
        Map<String, Integer> left = new HashMap<>();
        right.forEach(word -> left.merge(word, 1, Integer::sum));
        int same = 0;
        for (String word : said) {
            if (left.merge(word, -1, Integer::sum) >= 0) {
                same++;
            }
        }
        double precision = (double) same / said.size();
        double recall = (double) same / right.size();
        return same == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }
}
