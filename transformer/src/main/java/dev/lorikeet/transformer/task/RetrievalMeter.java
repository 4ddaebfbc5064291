package dev.lorikeet.transformer.task;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.RankingScores;
import dev.lorikeet.transformer.metrics.Retrieved;
import dev.lorikeet.transformer.primitive.IntList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How well each anchor finds its positive among the positives and hard negatives of all examples, by the cosine:
 * {@code mrr_10}, {@code ndcg_10} and {@code recall_10} of {@link RankingScores}, as sentence-transformers'
 * {@code InformationRetrievalEvaluator}. A text that stands there several times is one, so that an anchor may have
 * several positives. Where examples have hard negatives, {@code triplet_accuracy} is the share of those whose anchor
 * is nearer to its positive than to each of them, as {@code TripletEvaluator}'s {@code cosine_accuracy}. Whatever
 * batches the examples come in, the result is the same.
 *
 * <p>All embeddings are kept until the end, of at most {@value #MOST} texts to find and as many anchors: examples after
 * that are left out.
 */
final class RetrievalMeter implements Meter {
    private static final int MOST = 10_000;
    private static final int K = 10;

    /** Different texts by their tokens, with embeddings of length 1. */
    private static final class Texts {
        private final Map<IntList, Integer> numbers = new HashMap<>();
        private final List<float[]> embeddings = new ArrayList<>();
        /** Where each stands first. */
        private final IntList examples = new IntList();
        private final IntList places = new IntList();

        int number(int[] ids, Tensor embedding, int example, int place) {
            return numbers.computeIfAbsent(IntList.of(ids), _ -> {
                embeddings.add(Embedder.normalized(embedding.toArray()));
                examples.add(example);
                places.add(place);
                return embeddings.size() - 1;
            });
        }
    }

    private final Texts anchors = new Texts();
    private final Texts documents = new Texts();
    /** For each anchor the documents that are its positives. */
    private final List<Map<Integer, Integer>> grades = new ArrayList<>();
    private int seen;
    private int triplets;
    private int rightTriplets;

    @Override
    public void add(Tensor embeddings, List<Encoded> examples) {
        int row = 0;
        for (Encoded example : examples) {
            if (documents.embeddings.size() >= MOST || anchors.embeddings.size() >= MOST) {
                return;
            }
            int anchor = anchors.number(example.ids(0), embeddings.rows(row, row + 1), seen, 0);
            if (anchor == grades.size()) {
                grades.add(new HashMap<>());
            }
            for (int s = 1; s < example.sequences(); s++) {
                int document = documents.number(example.ids(s), embeddings.rows(row + s, row + s + 1), seen,
                        s);
                if (s == 1) {
                    grades.get(anchor).put(document, 1);
                }
            }
            if (example.sequences() > 2) {
                triplets++;
                rightTriplets += isRight(embeddings.rows(row, row + example.sequences())) ? 1 : 0;
            }
            row += example.sequences();
            seen++;
        }
    }

    /** Whether the first is nearer to the second than to each behind it. */
    private static boolean isRight(Tensor texts) {
        float[] anchor = texts.rows(0, 1).toArray();
        double positive = Embedder.cosine(anchor, texts.rows(1, 2).toArray());
        return IntStream.range(2, texts.dim(0))
                .allMatch(s -> positive > Embedder.cosine(anchor, texts.rows(s, s + 1).toArray()));
    }

    @Override
    public Evaluation result(double loss) {
        int n = documents.embeddings.isEmpty() ? 0 : documents.embeddings.getFirst().length;
        float[][] columns = new float[n][documents.embeddings.size()];
        for (int j = 0; j < documents.embeddings.size(); j++) {
            for (int k = 0; k < n; k++) {
                columns[k][j] = documents.embeddings.get(j)[k];
            }
        }
        List<List<Integer>> found = new ArrayList<>();
        Nearness nearness = new Nearness(anchors.embeddings.size());
        for (int i = 0; i < anchors.embeddings.size(); i++) {
            float[] cosines = cosines(anchors.embeddings.get(i), columns, documents.embeddings.size());
            found.add(nearest(cosines));
            nearness.add(i, cosines);
        }
        RankingScores scores = RankingScores.of(found, grades, K);
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("mrr_" + K, scores.mrr());
        metrics.put("ndcg_" + K, scores.ndcg());
        metrics.put("recall_" + K, scores.recall());
        if (triplets > 0) {
            metrics.put("triplet_accuracy", (double) rightTriplets / triplets);
        }
        return new Evaluation(loss, metrics, nearness.details());
    }

    /** The nearest partner and the nearest other document of each anchor. */
    private final class Nearness {
        private final float[] partner;
        private final float[] nearest;
        private final int[] nearestDocument;

        Nearness(int size) {
            partner = new float[size];
            nearest = new float[size];
            nearestDocument = new int[size];
        }

        void add(int anchor, float[] cosines) {
            partner[anchor] = -1;
            nearest[anchor] = -1;
            for (int j = 0; j < cosines.length; j++) {
                float cosine = Math.clamp(cosines[j], -1, 1); // sums of rounded products may exceed it
                if (grades.get(anchor).containsKey(j)) {
                    partner[anchor] = Math.max(partner[anchor], cosine);
                } else if (cosine > nearest[anchor]) {
                    nearest[anchor] = cosine;
                    nearestDocument[anchor] = j;
                }
            }
        }

        Retrieved details() {
            return new Retrieved(anchors.examples.toArray(), partner, nearest,
                    Arrays.stream(nearestDocument).map(documents.examples::get).toArray(),
                    Arrays.stream(nearestDocument).map(documents.places::get).toArray());
        }
    }

    private static float[] cosines(float[] anchor, float[][] columns, int documents) {
        float[] cosines = new float[documents];
        for (int k = 0; k < anchor.length; k++) { // whole columns, so that the compiler makes vectors of the loop
            float factor = anchor[k];
            float[] column = columns[k];
            for (int j = 0; j < documents; j++) {
                cosines[j] += factor * column[j];
            }
        }
        return cosines;
    }

    /** The nearest documents, the nearest first; of equally near ones that which came first. */
    private static List<Integer> nearest(float[] cosines) {
        List<Integer> nearest = new ArrayList<>(K + 1);
        for (int j = 0; j < cosines.length; j++) {
            if (nearest.size() < K || cosines[j] > cosines[nearest.getLast()]) {
                int at = nearest.size();
                while (at > 0 && cosines[j] > cosines[nearest.get(at - 1)]) {
                    at--;
                }
                nearest.add(at, j);
                if (nearest.size() > K) {
                    nearest.removeLast();
                }
            }
        }
        return nearest;
    }
}
