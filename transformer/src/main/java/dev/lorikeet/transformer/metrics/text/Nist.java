package dev.lorikeet.transformer.metrics.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * NIST of a corpus (Doddington 2002, "Automatic Evaluation of Machine Translation Quality Using N-gram Co-Occurrence
 * Statistics", equations 2 and 3), as NLTK has it: runs of one to five words, each worth how rare it is after its first
 * words in all references, of the reference that is worth most.
 */
final class Nist {
    private static final int ORDERS = 5;
    /** Makes the penalty one half where the answers have two thirds of the words. */
    private static final double BETA = Math.log(0.5) / Math.pow(Math.log(1.5), 2);

    private Nist() {}

    static double of(List<Worded> texts) {
        List<Map<List<String>, Integer>> known = new ArrayList<>();
        long words = 0;
        for (int n = 1; n <= ORDERS; n++) {
            Map<List<String>, Integer> counts = new HashMap<>();
            known.add(counts);
            for (Worded text : texts) {
                for (List<String> reference : text.references()) {
                    Ngrams.of(reference, n).forEach((run, count) -> counts.merge(run, count, Integer::sum));
                    words += n == 1 ? reference.size() : 0;
                }
            }
        }
        double score = 0;
        long length = 0;
        long expected = 0;
        for (int n = 1; n <= ORDERS; n++) {
            double worth = 0;
            long all = 0;
            for (Worded text : texts) {
                Map<List<String>, Integer> own = Ngrams.of(text.answer(), n);
                double best = -1;
                int size = 0;
                for (List<String> reference : text.references()) {
                    double one = common(own, Ngrams.of(reference, n), known, n, words);
                    if (one > best || one == best && reference.size() > size) {
                        best = one;
                        size = reference.size();
                    }
                }
                worth += best;
                all += Ngrams.number(text.answer().size(), n);
                length += text.answer().size();
                expected += size;
            }
            score += all == 0 ? 0 : worth / all;
        }
        double ratio = expected == 0 ? 0 : (double) length / expected;
        return score * (ratio >= 1 ? 1 : ratio == 0 ? 0 : Math.exp(BETA * Math.pow(Math.log(ratio), 2)));
    }

    private static double common(Map<List<String>, Integer> own, Map<List<String>, Integer> reference,
            List<Map<List<String>, Integer>> known, int n, long words) {
        double sum = 0;
        for (Map.Entry<List<String>, Integer> run : own.entrySet()) {
            int count = Math.min(run.getValue(), reference.getOrDefault(run.getKey(), 0));
            if (count > 0) {
                double before = n == 1 ? words
                        : known.get(n - 2).getOrDefault(run.getKey().subList(0, n - 1), 0);
                sum += count * Math.log(before / known.get(n - 1).getOrDefault(run.getKey(), 0)) / Math.log(2);
            }
        }
        return sum;
    }
}
