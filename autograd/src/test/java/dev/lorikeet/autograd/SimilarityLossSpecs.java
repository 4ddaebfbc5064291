package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OpSpec.normal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.lorikeet.autograd.OpSpec.Sample;
import dev.lorikeet.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** {@link SimilarityLosses}. */
final class SimilarityLossSpecs {
    private static final double OVER = 5;

    private SimilarityLossSpecs() {}

    static List<OpSpec> all() {
        return List.of(multipleNegativesRanking(), cosineSimilarity(), contrastive(), triplet());
    }

    /** Examples and the length of their embeddings; of length 1, all have a cosine of 1 or -1. */
    private static Stream<int[]> sizes() {
        return Stream.of(new int[] {1, 2}, new int[] {2, 7}, new int[] {3, 16}, new int[] {7, 17}, new int[] {4, 1000});
    }

    /** Without, and with some candidates more than anchors. */
    private static OpSpec multipleNegativesRanking() {
        return OpSpec.of("SimilarityLosses.multipleNegativesRanking",
                sizes().flatMap(size -> Stream.of(0, 3).map(more -> ranking(size[0], size[0] + more, size[1]))))
                .refuses("multipleNegativesRanking: a candidate for each anchor expected, anchors (3, 2), candidates "
                        + "(2, 2)", (tape, x) -> SimilarityLosses.multipleNegativesRanking(tape, x[0], x[1], 20, 3),
                        Tensor.zeros(3, 2), Tensor.zeros(2, 2))
                .refuses("multipleNegativesRanking: a candidate for each anchor expected, anchors (2, 2), candidates "
                        + "(2, 3)", (tape, x) -> SimilarityLosses.multipleNegativesRanking(tape, x[0], x[1], 20, 3),
                        Tensor.zeros(2, 2), Tensor.zeros(2, 3))
                .refuses("multipleNegativesRanking: scale 0.0 is not above 0",
                        (tape, x) -> SimilarityLosses.multipleNegativesRanking(tape, x[0], x[0], 0, 3),
                        Tensor.zeros(2, 2));
    }

    private static Sample ranking(int examples, int candidates, int n) {
        return Sample.of((tape, x) -> SimilarityLosses.multipleNegativesRanking(tape, x[0], x[1], 20, OVER),
                x -> {
                    Scalar[] anchors = Naive.rows(x[0], n, Naive::normalize);
                    Scalar[] others = Naive.rows(x[1], n, Naive::normalize);
                    return new Scalar[] {Naive.sum(IntStream.range(0, examples).mapToObj(i -> {
                        Scalar[] logits = IntStream.range(0, candidates)
                                .mapToObj(j -> Naive.dot(n, anchors, i * n, 1, others, j * n, 1).times(20))
                                .toArray(Scalar[]::new);
                        return Naive.logSoftmax(logits)[i].times(-1 / OVER);
                    }).toArray(Scalar[]::new))};
                },
                (manager, x) -> x[0].normalize(2, -1).matMul(x[1].normalize(2, -1).transpose())
                        .mul(PyTorch.number(manager, 20)).logSoftmax(-1).mul(eye(manager, examples, candidates)).sum()
                        .div(PyTorch.number(manager, -OVER)),
                normal("anchors", examples, n), normal("candidates", candidates, n));
    }

    private static NDArray eye(NDManager manager, int rows, int columns) {
        return manager.eye(rows, columns, 0, DataType.FLOAT32);
    }

    private static OpSpec cosineSimilarity() {
        return OpSpec.of("SimilarityLosses.cosineSimilarity", sizes().map(size -> {
            Tensor scores = normal("scores", size[0]);
            return Sample.of((tape, x) -> SimilarityLosses.cosineSimilarity(tape, x[0], x[1], scores, OVER),
                    x -> {
                        Scalar[] error = Naive.each(cosines(x[0], x[1], size[1]), Scalar.of(OpSpec.doubles(scores)),
                                Scalar::minus);
                        return new Scalar[] {Naive.sum(Naive.each(error, error, Scalar::times)).times(1 / OVER)};
                    },
                    (manager, x) -> cosines(x[0], x[1]).sub(PyTorch.array(manager, scores)).square().sum()
                            .div(PyTorch.number(manager, OVER)),
                    normal("x", size), normal("y", size));
        })).refuses("cosineSimilarity: two matrices of one shape expected, for as many examples as (3), they are (2, 3)"
                + " and (2, 3)",
                (tape, x) -> SimilarityLosses.cosineSimilarity(tape, x[0], x[0], Tensor.zeros(3), 1),
                Tensor.zeros(2, 3));
    }

    private static Scalar[] cosines(Scalar[] x, Scalar[] y, int n) {
        return Naive.rowDots(Naive.rows(x, n, Naive::normalize), Naive.rows(y, n, Naive::normalize), n);
    }

    private static NDArray cosines(NDArray x, NDArray y) {
        return x.normalize(2, -1).mul(y.normalize(2, -1)).sum(new int[] {-1});
    }

    /** A margin that some of the pairs have, and one that none has. */
    private static OpSpec contrastive() {
        return OpSpec.of("SimilarityLosses.contrastive", sizes().flatMap(size -> Stream.of(0.9f, 2.5f).map(margin -> {
            Tensor same = Tensor.zeros(size[0]);
            for (int i = 0; i < size[0]; i++) {
                same.data()[i] = i % 3 == 1 ? 1 : 0;
            }
            return Sample.of((tape, x) -> SimilarityLosses.contrastive(tape, x[0], x[1], same, margin, OVER),
                    x -> {
                        Scalar[] distances = Naive.each(cosines(x[0], x[1], size[1]), c -> c.times(-1).plus(1));
                        return new Scalar[] {Naive.sum(IntStream.range(0, size[0]).mapToObj(i -> {
                            Scalar d = same.get(i) == 1 ? distances[i] : distances[i].times(-1).plus(margin).relu();
                            return d.times(d).times(0.5 / OVER);
                        }).toArray(Scalar[]::new))};
                    },
                    (manager, x) -> {
                        NDArray y = PyTorch.array(manager, same);
                        NDArray one = PyTorch.number(manager, 1);
                        NDArray d = one.sub(cosines(x[0], x[1]));
                        NDArray lacking = PyTorch.number(manager, margin).sub(d);
                        NDArray hinge = lacking.add(lacking.abs()).div(PyTorch.number(manager, 2));
                        return y.mul(d.square()).add(one.sub(y).mul(hinge.square())).sum()
                                .div(PyTorch.number(manager, 2 * OVER));
                    },
                    normal("x", size), normal("y", size)).with("margin " + margin);
        }))).refuses("contrastive: two matrices of one shape expected, for as many examples as (2), they are (2, 3) and"
                + " (3, 2)",
                (tape, x) -> SimilarityLosses.contrastive(tape, x[0], x[1], Tensor.zeros(2), 1, 1),
                Tensor.zeros(2, 3), Tensor.zeros(3, 2));
    }

    private static OpSpec triplet() {
        return OpSpec.of("SimilarityLosses.triplet", sizes().flatMap(size -> Stream.of(0f, 5f)
                .map(margin -> Sample.of(
                        (tape, x) -> SimilarityLosses.triplet(tape, x[0], x[1], x[2], margin, OVER),
                        x -> new Scalar[] {Naive.sum(Naive.each(Naive.each(distances(x[0], x[1], size[1]),
                                distances(x[0], x[2], size[1]), Scalar::minus), d -> d.plus(margin).relu()))
                                .times(1 / OVER)},
                        (manager, x) -> {
                            NDArray lacking = distances(x[0], x[1]).sub(distances(x[0], x[2]))
                                    .add(PyTorch.number(manager, margin));
                            return lacking.add(lacking.abs()).sum().div(PyTorch.number(manager, 2 * OVER));
                        },
                        normal("anchors", size), normal("positives", size), normal("negatives", size))
                        .with("margin " + margin))))
                .refuses("triplet: two matrices of one shape expected, for as many examples as (2), they are (2, 3) "
                        + "and (2, 4)", (tape, x) -> SimilarityLosses.triplet(tape, x[0], x[0], x[1], 5, 1),
                        Tensor.zeros(2, 3), Tensor.zeros(2, 4));
    }

    private static Scalar[] distances(Scalar[] x, Scalar[] y, int n) {
        return Naive.rows(Naive.each(x, y, Scalar::minus), n,
                row -> new Scalar[] {Naive.sum(Naive.each(row, v -> v.times(v))).sqrt()});
    }

    private static NDArray distances(NDArray x, NDArray y) {
        return x.sub(y).square().sum(new int[] {-1}).sqrt();
    }
}
