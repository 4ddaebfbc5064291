package dev.lorikeet.transformer.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * How well a search ranks documents, as trec_eval has it: each value is the mean of the queries that have a relevant
 * document, and NaN without such a query. Queries without one, where there is nothing to find, do not count, as in
 * sentence-transformers' {@code InformationRetrievalEvaluator}. A document is relevant if its grade is above 0.
 *
 * @param queries how many count
 * @param k how many documents from the top are looked at
 * @param recall the share of the relevant documents that are among the first k: trec_eval's {@code recall_k}
 * @param precision the share of k that are relevant, also where fewer than k were ranked: {@code P_k}
 * @param mrr one by the place of the first relevant document, 0 if none is among the first k: {@code recip_rank} of
 *     the first k
 * @param ndcg the sum over the first k of the grade by log2(place + 1), in shares of the largest that the query allows,
 *     with its best k documents in the best order: {@code ndcg_cut_k}, and scikit-learn's {@code ndcg_score}. The gain
 *     is the grade itself, not 2^grade - 1
 * @param map mean average precision: the precision at the place of each relevant document, 0 where it was not ranked,
 *     averaged over all relevant documents. Of the whole ranking, whatever k is: {@code map}
 */
public record RankingScores(int queries, int k, double recall, double precision, double mrr, double ndcg, double map) {

    /**
     * The scores of rankings.
     *
     * @param <D> what tells documents apart, for example their names
     * @param rankings for each query its documents, the best first; they need not be all
     * @param grades for each query how relevant documents are, from 0; those that are not there have 0
     * @param k how many documents from the top are looked at, for example 10
     * @throws IllegalArgumentException if the numbers of queries differ, k is below 1, a grade is below 0, or a
     *     document stands twice in a ranking
     */
    public static <D> RankingScores of(List<List<D>> rankings, List<Map<D, Integer>> grades, int k) {
        if (rankings.size() != grades.size()) {
            throw new IllegalArgumentException("ranking scores: rankings of " + rankings.size()
                    + " queries for grades of " + grades.size());
        }
        if (k < 1) {
            throw new IllegalArgumentException("ranking scores: k is " + k + ", and at least 1 is expected");
        }
        List<RankingScores> each = new ArrayList<>();
        for (int query = 0; query < rankings.size(); query++) {
            requireRanking(rankings.get(query), query);
            int[] best = best(grades.get(query), query);
            if (best.length > 0) {
                each.add(one(gains(rankings.get(query), grades.get(query)), best, k));
            }
        }
        return new RankingScores(each.size(), k, mean(each, RankingScores::recall),
                mean(each, RankingScores::precision), mean(each, RankingScores::mrr),
                mean(each, RankingScores::ndcg), mean(each, RankingScores::map));
    }

    /**
     * The scores of the rankings that scores of all documents make: the largest first, and of equal ones that of the
     * smaller index.
     *
     * @param scores (queries, documents)
     * @param grades (queries, documents): how relevant, from 0
     * @param k how many documents from the top are looked at
     * @throws IllegalArgumentException if the shapes differ, k is below 1, a grade is below 0, or a score is NaN
     */
    public static RankingScores of(float[][] scores, int[][] grades, int k) {
        List<List<Integer>> rankings = new ArrayList<>();
        for (int query = 0; query < scores.length; query++) {
            rankings.add(ranking(scores[query], query));
        }
        List<Map<Integer, Integer>> byDocument = new ArrayList<>();
        for (int query = 0; query < grades.length; query++) {
            if (query < scores.length && grades[query].length != scores[query].length) {
                throw new IllegalArgumentException("ranking scores: " + scores[query].length + " scores of query "
                        + query + " for " + grades[query].length + " grades");
            }
            Map<Integer, Integer> own = new HashMap<>();
            for (int document = 0; document < grades[query].length; document++) {
                own.put(document, grades[query][document]);
            }
            byDocument.add(own);
        }
        return of(rankings, byDocument, k);
    }

    private static List<Integer> ranking(float[] scores, int query) {
        float[] negated = new float[scores.length];
        for (int i = 0; i < scores.length; i++) {
            if (Float.isNaN(scores[i])) {
                throw new IllegalArgumentException("ranking scores: the score of document " + i + " for query " + query
                        + " is NaN");
            }
            negated[i] = -scores[i];
        }
        List<Integer> ranking = new ArrayList<>();
        for (int document : Ranks.order(negated)) {
            ranking.add(document);
        }
        return ranking;
    }

    /** Found twice, a document would count twice. */
    private static <D> void requireRanking(List<D> ranking, int query) {
        HashSet<D> seen = new HashSet<>();
        for (D document : ranking) {
            if (!seen.add(document)) {
                throw new IllegalArgumentException("ranking scores: document " + document
                        + " stands twice in the ranking of query " + query);
            }
        }
    }

    /** The grades of the relevant documents, the largest first. */
    private static <D> int[] best(Map<D, Integer> grades, int query) {
        grades.forEach((document, grade) -> {
            if (grade < 0) {
                throw new IllegalArgumentException("ranking scores: the grade of document " + document + " for query "
                        + query + " is " + grade + ", and at least 0 is expected");
            }
        });
        return grades.values().stream().filter(grade -> grade > 0).sorted(Comparator.reverseOrder())
                .mapToInt(Integer::intValue).toArray();
    }

    /** The grades of a ranking's documents. */
    private static <D> int[] gains(List<D> ranking, Map<D, Integer> grades) {
        return ranking.stream().mapToInt(document -> grades.getOrDefault(document, 0)).toArray();
    }

    /** Of one query. */
    private static RankingScores one(int[] gains, int[] best, int k) {
        int hits = 0;
        int early = 0; // hits among the first k
        double mrr = 0;
        double precisions = 0;
        for (int i = 0; i < gains.length; i++) {
            if (gains[i] == 0) {
                continue;
            }
            hits++;
            precisions += (double) hits / (i + 1);
            if (hits == 1 && i < k) {
                mrr = 1.0 / (i + 1);
            }
            early += i < k ? 1 : 0;
        }
        return new RankingScores(1, k, (double) early / best.length, (double) early / k, mrr,
                discounted(gains, k) / discounted(best, k), precisions / best.length);
    }

    /** The discounted cumulative gain of the first k (Järvelin and Kekäläinen 2002). */
    private static double discounted(int[] gains, int k) {
        double sum = 0;
        for (int i = 0; i < Math.min(k, gains.length); i++) {
            sum += gains[i] / log2(i + 2);
        }
        return sum;
    }

    private static double log2(double x) {
        return Math.log(x) / Math.log(2);
    }

    private static double mean(List<RankingScores> each, ToDoubleFunction<RankingScores> value) {
        return each.stream().mapToDouble(value).average().orElse(Double.NaN);
    }
}
