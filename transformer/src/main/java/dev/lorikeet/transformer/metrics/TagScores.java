package dev.lorikeet.transformer.metrics;

import dev.lorikeet.transformer.metrics.ClassScores.Score;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How well the tags of sentences are told, token by token, as scikit-learn's {@code precision_recall_fscore_support}
 * has it of all tokens one behind the other: what is divided by nothing is 0.
 *
 * @param each by the tags that a token has or was said to have, in their order
 * @param macro the mean of the tags; its support is the number of tokens
 * @param accuracy the share of tokens whose tag was said, in [0, 1], seqeval's {@code accuracy_score}; NaN without
 *     tokens
 */
public record TagScores(Map<String, Score> each, Score macro, double accuracy) {

    public TagScores {
        each = Collections.unmodifiableMap(new LinkedHashMap<>(each));
    }

    /**
     * The scores of what a model said of sentences.
     *
     * @param actual the true tags of each sentence
     * @param predicted the tags that were said, in the same order
     * @throws IllegalArgumentException if the numbers of sentences or of a sentence's tags differ
     */
    public static TagScores of(List<List<String>> actual, List<List<String>> predicted) {
        if (actual.size() != predicted.size()) {
            throw new IllegalArgumentException("tag scores: " + actual.size() + " sentences with true tags for "
                    + predicted.size() + " with predicted ones");
        }
        Map<String, Hits> tags = new TreeMap<>();
        long right = 0;
        long total = 0;
        for (int i = 0; i < actual.size(); i++) {
            List<String> truth = actual.get(i);
            List<String> said = predicted.get(i);
            if (truth.size() != said.size()) {
                throw new IllegalArgumentException("tag scores: " + truth.size() + " true tags of sentence " + i
                        + " for " + said.size() + " predicted ones");
            }
            for (int token = 0; token < truth.size(); token++) {
                boolean hit = truth.get(token).equals(said.get(token));
                hits(tags, truth.get(token)).add(hit, true);
                if (!hit) {
                    hits(tags, said.get(token)).add(true, false);
                }
                right += hit ? 1 : 0;
            }
            total += truth.size();
        }
        Map<String, Score> each = new LinkedHashMap<>();
        tags.forEach((tag, hits) -> each.put(tag, hits.score()));
        return new TagScores(each, Score.mean(each.values(), _ -> 1), (double) right / total);
    }

    private static Hits hits(Map<String, Hits> tags, String tag) {
        return tags.computeIfAbsent(tag, _ -> new Hits());
    }
}
