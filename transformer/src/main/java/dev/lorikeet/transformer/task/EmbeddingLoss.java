package dev.lorikeet.transformer.task;

import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.SimilarityLosses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What embeddings are trained for, and so what the texts of an example are: one of {@link SimilarityLosses}, with the
 * values of sentence-transformers where none are given.
 */
public sealed interface EmbeddingLoss {
    /**
     * An anchor, its positive, and any number of hard negatives: the anchor is nearer to its positive than to all other
     * positives and hard negatives of its micro-batch. The loss depends on the batch size, and so does what is
     * learned: an update of several micro-batches has the gradients of more examples, but not more negatives for each.
     *
     * @param scale of the cosines, above 0
     */
    record MultipleNegativesRanking(float scale) implements EmbeddingLoss {
        public MultipleNegativesRanking {
            if (!(scale > 0 && scale <= Float.MAX_VALUE)) {
                throw new IllegalArgumentException("scale: " + scale + " is no finite number above 0");
            }
        }

        @Override
        public String fileName() {
            return "multiple-negatives-ranking";
        }

        @Override
        public Map<String, Object> settings() {
            return Map.of("scale", scale);
        }

        @Override
        public int fewestTexts() {
            return 2;
        }

        @Override
        public int mostTexts() {
            return Integer.MAX_VALUE;
        }

        @Override
        public Variable loss(Tape tape, Variable embeddings, List<Encoded> examples, double over) {
            int[] first = first(examples);
            IntStream positives = IntStream.of(first).map(row -> row + 1);
            IntStream negatives = IntStream.range(0, first.length).flatMap(i -> IntStream.range(first[i] + 2,
                    first[i] + examples.get(i).sequences()));
            return SimilarityLosses.multipleNegativesRanking(tape, ShapeOps.gather(tape, embeddings, first),
                    ShapeOps.gather(tape, embeddings, IntStream.concat(positives, negatives).toArray()), scale, over);
        }
    }

    /** Two texts, and which cosine their embeddings should have. */
    record CosineSimilarity() implements EmbeddingLoss {
        @Override
        public String fileName() {
            return "cosine-similarity";
        }

        @Override
        public boolean isScored() {
            return true;
        }

        @Override
        public void requireScore(float score) {
            if (!(score >= -1 && score <= 1)) {
                throw new IllegalArgumentException("cosine-similarity: the score " + score
                        + " is not in [-1, 1], where cosines are; divide scores by the largest there may be");
            }
        }

        @Override
        public Variable loss(Tape tape, Variable embeddings, List<Encoded> examples, double over) {
            return SimilarityLosses.cosineSimilarity(tape, column(tape, embeddings, examples, 0),
                    column(tape, embeddings, examples, 1), scores(examples), over);
        }
    }

    /**
     * Two texts, and 1 if they belong together or 0 if they do not.
     *
     * @param margin the distance, 1 less the cosine, which those that do not belong together should have; in (0, 2]
     */
    record Contrastive(float margin) implements EmbeddingLoss {
        public Contrastive {
            if (!(margin > 0 && margin <= 2)) {
                throw new IllegalArgumentException("margin: " + margin + " is not in (0, 2]");
            }
        }

        @Override
        public String fileName() {
            return "contrastive";
        }

        @Override
        public Map<String, Object> settings() {
            return Map.of("margin", margin);
        }

        @Override
        public boolean isScored() {
            return true;
        }

        @Override
        public void requireScore(float score) {
            if (score != 0 && score != 1) {
                throw new IllegalArgumentException("contrastive: the score " + score + " is neither 0 nor 1");
            }
        }

        @Override
        public Variable loss(Tape tape, Variable embeddings, List<Encoded> examples, double over) {
            return SimilarityLosses.contrastive(tape, column(tape, embeddings, examples, 0),
                    column(tape, embeddings, examples, 1), scores(examples), margin, over);
        }
    }

    /**
     * An anchor, a positive and a negative.
     *
     * @param margin by how much farther the negative should be, in the unit of the embeddings; above 0. Embeddings of
     *     length 1 are at most 2 apart
     */
    record Triplet(float margin) implements EmbeddingLoss {
        public Triplet {
            if (!(margin > 0 && margin <= Float.MAX_VALUE)) {
                throw new IllegalArgumentException("margin: " + margin + " is not above 0");
            }
        }

        @Override
        public String fileName() {
            return "triplet";
        }

        @Override
        public Map<String, Object> settings() {
            return Map.of("margin", margin);
        }

        @Override
        public int fewestTexts() {
            return 3;
        }

        @Override
        public int mostTexts() {
            return 3;
        }

        @Override
        public Variable loss(Tape tape, Variable embeddings, List<Encoded> examples, double over) {
            return SimilarityLosses.triplet(tape, column(tape, embeddings, examples, 0),
                    column(tape, embeddings, examples, 1), column(tape, embeddings, examples, 2), margin, over);
        }
    }

    /** {@link MultipleNegativesRanking} with a scale of 20. */
    static EmbeddingLoss multipleNegativesRanking() {
        return new MultipleNegativesRanking(20);
    }

    /** {@link CosineSimilarity}. */
    static EmbeddingLoss cosineSimilarity() {
        return new CosineSimilarity();
    }

    /** {@link Contrastive} with a margin of 0.5. */
    static EmbeddingLoss contrastive() {
        return new Contrastive(0.5f);
    }

    /** {@link Triplet} with a margin of 5. */
    static EmbeddingLoss triplet() {
        return new Triplet(5);
    }

    /** One of each kind, with sentence-transformers' values. */
    static List<EmbeddingLoss> usual() {
        return List.of(multipleNegativesRanking(), cosineSimilarity(), contrastive(), triplet());
    }

    /**
     * The loss of a name, with sentence-transformers' values.
     *
     * @throws IllegalArgumentException if there is none
     */
    static EmbeddingLoss of(String name) {
        return usual().stream().filter(loss -> loss.fileName().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("loss: \"" + name + "\" is not one of "
                        + usual().stream().map(EmbeddingLoss::fileName).collect(Collectors.joining(", "))));
    }

    /** The loss that {@link #fileName} and {@link #settings} tell of. */
    static EmbeddingLoss read(JsonObject json) {
        return switch (of(json.string("loss"))) {
            case MultipleNegativesRanking _ -> new MultipleNegativesRanking((float) json.number("scale"));
            case CosineSimilarity usual -> usual;
            case Contrastive _ -> new Contrastive((float) json.number("margin"));
            case Triplet _ -> new Triplet((float) json.number("margin"));
        };
    }

    /** The name in files. */
    String fileName();

    /** What files must say beside the name. */
    default Map<String, Object> settings() {
        return Map.of();
    }

    /** How many texts an example has at least. */
    default int fewestTexts() {
        return 2;
    }

    /** How many it has at most. */
    default int mostTexts() {
        return 2;
    }

    /** Whether an example has a score. */
    default boolean isScored() {
        return false;
    }

    /** @throws IllegalArgumentException if an example of this loss has no such score */
    default void requireScore(float score) {}

    /**
     * The sum of the losses of {@code examples}, divided by {@code over}.
     *
     * @param embeddings (texts, n): those of an example one behind the other
     * @return a scalar
     */
    Variable loss(Tape tape, Variable embeddings, List<Encoded> examples, double over);

    /** The row of the first text of each example. */
    private static int[] first(List<Encoded> examples) {
        int[] rows = new int[examples.size()];
        for (int i = 1; i < rows.length; i++) {
            rows[i] = rows[i - 1] + examples.get(i - 1).sequences();
        }
        return rows;
    }

    /** The embeddings of one of the texts of each example. */
    private static Variable column(Tape tape, Variable embeddings, List<Encoded> examples, int text) {
        return ShapeOps.gather(tape, embeddings, IntStream.of(first(examples)).map(row -> row + text).toArray());
    }

    /** (examples). */
    private static Tensor scores(List<Encoded> examples) {
        Tensor scores = Tensor.zeros(examples.size());
        for (int i = 0; i < examples.size(); i++) {
            scores.data()[i] = examples.get(i).numbers()[0];
        }
        return scores;
    }
}
