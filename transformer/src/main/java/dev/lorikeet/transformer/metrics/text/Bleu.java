package dev.lorikeet.transformer.metrics.text;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * BLEU of a corpus (Papineni et al. 2002, "BLEU: a Method for Automatic Evaluation of Machine Translation"), as
 * sacreBLEU has it by default, over 100: one to four words, case kept, a precision of zero made half of the last one's
 * share (Chen and Cherry 2014, method 3), the length of the reference that is closest, of two the shorter.
 */
final class Bleu {
    private static final int ORDERS = 4;

    private Bleu() {}

    static double of(List<Worded> texts) {
        long[] right = new long[ORDERS];
        long[] all = new long[ORDERS];
        long length = 0;
        long expected = 0;
        for (Worded text : texts) {
            int words = text.answer().size();
            length += words;
            expected += closest(words, text.references());
            for (int n = 1; n <= ORDERS; n++) {
                Map<List<String>, Integer> most = new HashMap<>();
                for (List<String> reference : text.references()) {
                    Ngrams.of(reference, n).forEach((run, count) -> most.merge(run, count, Math::max));
                }
                right[n - 1] += Ngrams.common(Ngrams.of(text.answer(), n), most);
                all[n - 1] += Ngrams.number(words, n);
            }
        }
        if (right[0] == 0 || all[ORDERS - 1] == 0) { // without a word there is no longer run
            return 0;
        }
        double logs = 0;
        double share = 1;
        for (int n = 0; n < ORDERS; n++) {
            if (right[n] == 0) {
                share /= 2;
            }
            logs += Math.log((right[n] == 0 ? share : right[n]) / all[n]);
        }
        double brevity = length < expected ? 1 - (double) expected / length : 0;
        return Math.exp(brevity + logs / ORDERS);
    }

    private static int closest(int words, List<List<String>> references) {
        int best = references.getFirst().size();
        for (List<String> reference : references) {
            int distance = Math.abs(reference.size() - words) - Math.abs(best - words);
            if (distance < 0 || distance == 0 && reference.size() < best) {
                best = reference.size();
            }
        }
        return best;
    }
}
