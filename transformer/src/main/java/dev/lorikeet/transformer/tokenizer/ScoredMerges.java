package dev.lorikeet.transformer.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The merges of a SentencePiece vocabulary, which has scores in their place: each pair of tokens that makes a third is
 * merged, the one of the highest score first. Of one score the pair comes first whose left token has the lower id, as
 * in the {@code tokenizer.json} that was made of Llama 2's vocabulary.
 */
final class ScoredMerges {
    private record Merge(String left, String right, float score) {}

    private ScoredMerges() {}

    /** @param scores of each token */
    static List<List<String>> of(List<String> tokens, float[] scores) {
        Map<String, Integer> ids = new HashMap<>(2 * tokens.size());
        for (int id = 0; id < scores.length; id++) {
            ids.putIfAbsent(tokens.get(id), id);
        }
        List<Merge> merges = new ArrayList<>();
        for (int id = 0; id < scores.length; id++) {
            String token = tokens.get(id);
            List<Merge> own = new ArrayList<>();
            for (int i = 1; i < token.length(); i++) {
                String left = token.substring(0, i);
                String right = token.substring(i);
                if (ids.containsKey(left) && ids.containsKey(right)) {
                    own.add(new Merge(left, right, scores[id]));
                }
            }
            own.sort(Comparator.<Merge>comparingInt(merge -> ids.get(merge.left))
                    .thenComparingInt(merge -> ids.get(merge.right)));
            merges.addAll(own);
        }
        merges.sort(Comparator.comparingDouble(merge -> -merge.score)); // keeps the order of equal ones
        return merges.stream().map(merge -> List.of(merge.left, merge.right)).toList();
    }
}
