package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.stream.IntStream;

/**
 * Losses of embeddings, of texts that should lie near one another or apart: scalars to walk back from. Each is the sum
 * over the examples, divided by {@code over}: where that is how many examples a whole update has, the losses of its
 * parts add up to the mean. The names are those of sentence-transformers (Reimers and Gurevych 2019), its losses are
 * the means.
 */
public final class SimilarityLosses {
    private SimilarityLosses() {}

    /**
     * The cross-entropy of finding candidate i for anchor i among all candidates, by {@code scale} times the cosine
     * (Henderson et al. 2017, section 4.4; van den Oord et al. 2018, equation 4, with a temperature of 1/scale):
     * sentence-transformers' {@code MultipleNegativesRankingLoss}.
     *
     * <p>The other candidates are the negatives, so that the loss depends on which examples are computed together: of
     * an update in several parts, each example has the negatives of its own part alone.
     *
     * @param anchors (examples, n)
     * @param candidates (candidates, n): first the positive of each anchor, then any number of negatives for all
     * @param scale above 0; 20 in sentence-transformers
     * @throws IllegalArgumentException if the shapes do not fit together, or the scale is not above 0
     */
    public static Variable multipleNegativesRanking(Tape tape, Variable anchors, Variable candidates, float scale,
            double over) {
        Shape shape = anchors.value().shape();
        Shape others = candidates.value().shape();
        if (shape.rank() != 2 || others.rank() != 2 || shape.dim(1) != others.dim(1)
                || shape.dim(0) > others.dim(0)) {
            throw new IllegalArgumentException("multipleNegativesRanking: a candidate for each anchor expected, "
                    + "anchors " + shape + ", candidates " + others);
        }
        if (!(scale > 0 && scale <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("multipleNegativesRanking: scale " + scale + " is not above 0");
        }
        Variable cosines = LinearOps.matmul(tape, Form.NT, ReductionOps.normalize(tape, anchors),
                ReductionOps.normalize(tape, candidates));
        return Losses.crossEntropy(tape, ElementOps.scale(tape, cosines, scale),
                IntStream.range(0, shape.dim(0)).toArray(), 0f, over);
    }

    /**
     * Σ (cos(x, y) - score)²: sentence-transformers' {@code CosineSimilarityLoss}.
     *
     * @param x (examples, n), as is y
     * @param scores (examples), what the cosines should be
     * @throws IllegalArgumentException if the shapes do not fit together
     */
    public static Variable cosineSimilarity(Tape tape, Variable x, Variable y, Tensor scores, double over) {
        requireRows("cosineSimilarity", scores.shape(), x, y);
        return Losses.meanSquaredError(tape, cosine(tape, x, y), scores, over);
    }

    /**
     * Σ ½·(same·d² + (1 - same)·max(margin - d, 0)²) with d = 1 - cos(x, y): the contrastive loss (Hadsell et al. 2006,
     * equation 4), of the cosine's distance as sentence-transformers' {@code ContrastiveLoss}.
     *
     * @param x (examples, n), as is y
     * @param same (examples): 1 for two that belong together, 0 for two that do not
     * @param margin the distance from which on two that do not belong together cost nothing; 0.5 in
     *     sentence-transformers
     * @throws IllegalArgumentException if the shapes do not fit together
     */
    public static Variable contrastive(Tape tape, Variable x, Variable y, Tensor same, float margin, double over) {
        requireRows("contrastive", same.shape(), x, y);
        Variable distances = ElementOps.subtract(tape, number(1), cosine(tape, x, y));
        Variable lacking = ElementOps.relu(tape, ElementOps.subtract(tape, number(margin), distances));
        Tensor near = Tensor.zeros(same.shape());
        Tensor far = Tensor.zeros(same.shape());
        for (int i = 0; i < same.size(); i++) {
            float share = same.data()[same.offset() + i];
            near.data()[i] = (float) (0.5 * share / over);
            far.data()[i] = (float) (0.5 * (1 - share) / over);
        }
        return ElementOps.add(tape,
                Losses.weightedSum(tape, ElementOps.multiply(tape, distances, distances), near),
                Losses.weightedSum(tape, ElementOps.multiply(tape, lacking, lacking), far));
    }

    /**
     * Σ max(‖anchor - positive‖ - ‖anchor - negative‖ + margin, 0): the triplet loss (Schroff et al. 2015, equation 3,
     * there of squares), sentence-transformers' {@code TripletLoss} but for the 1e-6 that PyTorch adds to differences.
     *
     * @param anchors (examples, n), as are positives and negatives
     * @param margin by how much a negative should be farther than the positive; 5 in sentence-transformers, which is
     *     more than any two embeddings of length 1 differ
     * @throws IllegalArgumentException if the shapes differ
     */
    public static Variable triplet(Tape tape, Variable anchors, Variable positives, Variable negatives, float margin,
            double over) {
        Shape examples = Shape.of(anchors.value().shape().rank() == 0 ? 0 : anchors.value().dim(0));
        requireRows("triplet", examples, anchors, positives);
        requireRows("triplet", examples, anchors, negatives);
        Variable farther = ElementOps.subtract(tape, distance(tape, anchors, positives),
                distance(tape, anchors, negatives));
        Variable lacking = ElementOps.relu(tape, ElementOps.add(tape, farther, number(margin)));
        return ElementOps.scale(tape, ReductionOps.sum(tape, lacking), (float) (1 / over));
    }

    /** The cosine of the angle between each row of x and that of y. */
    private static Variable cosine(Tape tape, Variable x, Variable y) {
        return ReductionOps.rowDots(tape, ReductionOps.normalize(tape, x), ReductionOps.normalize(tape, y));
    }

    private static Variable distance(Tape tape, Variable x, Variable y) {
        return ReductionOps.rowNorms(tape, ElementOps.subtract(tape, x, y));
    }

    private static Variable number(float value) {
        return Variable.constant(Tensor.of(new float[] {value}, 1));
    }

    private static void requireRows(String name, Shape examples, Variable x, Variable y) {
        Shape shape = x.value().shape();
        if (shape.rank() != 2 || !shape.equals(y.value().shape()) || !examples.equals(Shape.of(shape.dim(0)))) {
            throw new IllegalArgumentException(name + ": two matrices of one shape expected, for as many examples as "
                    + examples + ", they are " + shape + " and " + y.value().shape());
        }
    }
}
