package dev.lorikeet.transformer.metrics.text;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * CIDEr-D of a corpus (Vedantam, Zitnick and Parikh 2015, "CIDEr: Consensus-based Image Description Evaluation",
 * section 5), as the evaluation of COCO's captions has it: the cosine of the weights of runs of one to four words,
 * clipped to the reference's, by how close the lengths are, averaged over runs and references, times 10. A run weighs
 * less the more texts have a reference with it, so that of one text alone the score is 0.
 */
final class Cider {
    private static final int ORDERS = 4;
    private static final double SIGMA = 6;

    private Cider() {}

    static double of(List<Worded> texts) {
        double sum = 0;
        for (int n = 1; n <= ORDERS; n++) {
            Map<List<String>, Integer> having = new HashMap<>();
            for (Worded text : texts) {
                Set<List<String>> runs = new HashSet<>();
                for (List<String> reference : text.references()) {
                    runs.addAll(Ngrams.of(reference, n).keySet());
                }
                runs.forEach(run -> having.merge(run, 1, Integer::sum));
            }
            for (Worded text : texts) {
                Map<List<String>, Double> answer = weights(text.answer(), n, having, texts.size());
                double own = 0;
                for (List<String> reference : text.references()) {
                    // the tool's length is the number of pairs of words
                    double delta = Ngrams.number(text.answer().size(), 2) - Ngrams.number(reference.size(), 2);
                    own += cosine(answer, weights(reference, n, having, texts.size()))
                            * Math.exp(-delta * delta / (2 * SIGMA * SIGMA));
                }
                sum += own / text.references().size();
            }
        }
        return 10 * sum / ORDERS / texts.size();
    }

    private static Map<List<String>, Double> weights(List<String> words, int n, Map<List<String>, Integer> having,
            int texts) {
        Map<List<String>, Double> weights = new HashMap<>();
        Ngrams.of(words, n).forEach((run, count) -> weights.put(run,
                count * (Math.log(texts) - Math.log(having.getOrDefault(run, 1)))));
        return weights;
    }

    private static double cosine(Map<List<String>, Double> answer, Map<List<String>, Double> reference) {
        double product = 0;
        for (Map.Entry<List<String>, Double> run : answer.entrySet()) {
            double other = reference.getOrDefault(run.getKey(), 0.0);
            product += Math.min(run.getValue(), other) * other;
        }
        return product == 0 ? 0 : product / (norm(answer) * norm(reference));
    }

    private static double norm(Map<List<String>, Double> weights) {
        return Math.sqrt(weights.values().stream().mapToDouble(weight -> weight * weight).sum());
    }
}
