package dev.lorikeet.transformer.metrics.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * chrF2 of a corpus (Popović 2015, "chrF: character n-gram F-score for automatic MT evaluation"), as sacreBLEU has it
 * by default, over 100: runs of one to six characters without white space, recall twice as heavy as precision, of the
 * orders that both sides have; of several references the one with the best score of the text.
 */
final class ChrF {
    private static final int ORDERS = 6;
    private static final double WEIGHT = 2 * 2;

    private ChrF() {}

    static double of(List<Generated> texts) {
        long[] sums = new long[3 * ORDERS];
        for (Generated text : texts) {
            List<Map<List<Integer>, Integer>> answer = runs(text.answer());
            long[] best = new long[3 * ORDERS];
            double highest = -1;
            for (String reference : text.references()) {
                long[] counts = counts(answer, runs(reference));
                double score = score(counts);
                if (score > highest) {
                    highest = score;
                    best = counts;
                }
            }
            for (int i = 0; i < sums.length; i++) {
                sums[i] += best[i];
            }
        }
        return score(sums);
    }

    private static List<Map<List<Integer>, Integer>> runs(String text) {
        List<Integer> characters = Arrays.stream(Words.characters(text)).boxed().toList();
        List<Map<List<Integer>, Integer>> runs = new ArrayList<>();
        for (int n = 1; n <= ORDERS; n++) {
            runs.add(Ngrams.of(characters, n));
        }
        return runs;
    }

    /** Of each order: the answer's runs, the reference's, those in common. */
    private static long[] counts(List<Map<List<Integer>, Integer>> answer, List<Map<List<Integer>, Integer>> other) {
        long[] counts = new long[3 * ORDERS];
        for (int n = 0; n < ORDERS; n++) {
            counts[3 * n + 1] = size(other.get(n));
            // as the tool has it: where a reference is too short for the order, the answer's runs do not count
            counts[3 * n] = counts[3 * n + 1] == 0 ? 0 : size(answer.get(n));
            counts[3 * n + 2] = Ngrams.common(answer.get(n), other.get(n));
        }
        return counts;
    }

    private static long size(Map<List<Integer>, Integer> runs) {
        return runs.values().stream().mapToLong(Integer::longValue).sum();
    }

    private static double score(long[] counts) {
        double precision = 0;
        double recall = 0;
        int orders = 0;
        for (int n = 0; n < ORDERS; n++) {
            if (counts[3 * n] > 0 && counts[3 * n + 1] > 0) {
                precision += (double) counts[3 * n + 2] / counts[3 * n];
                recall += (double) counts[3 * n + 2] / counts[3 * n + 1];
                orders++;
            }
        }
        if (precision + recall == 0) {
            return 0;
        }
        precision /= orders;
        recall /= orders;
        return (1 + WEIGHT) * precision * recall / (WEIGHT * precision + recall);
    }
}
