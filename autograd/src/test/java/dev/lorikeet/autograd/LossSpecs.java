package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OpSpec.normal;

import dev.lorikeet.autograd.OpSpec.Sample;
import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** {@link Losses}. */
final class LossSpecs {
    private LossSpecs() {}

    static List<OpSpec> all() {
        return List.of(crossEntropy(), smoothed(), crossEntropyOver(), weighted(), klDivergence(), meanSquaredError(),
                meanSquaredErrorOver(), binaryCrossEntropy(), weightedSum());
    }

    private static IntStream classes() {
        return IntStream.of(1, 7, 15, 16, 17, 33, 1000);
    }

    /** Of five rows. */
    private static int[] all(int classes) {
        return new int[] {0, classes - 1, classes / 2, 0, classes / 3};
    }

    private static int[] some(int classes) {
        return new int[] {CrossEntropy.IGNORED, classes - 1, CrossEntropy.IGNORED, 0, classes / 3};
    }

    private static OpSpec crossEntropy() {
        return OpSpec.of("Losses.crossEntropy", classes().boxed().flatMap(n -> List.of(all(n), some(n)).stream())
                .map(labels -> crossEntropy(labels, 0)))
                .refuses("cross-entropy: logits (2, 3) for 1 labels",
                        (tape, x) -> Losses.crossEntropy(tape, x[0], new int[] {0}), Tensor.zeros(2, 3))
                .refuses("cross-entropy: logits (2) for 2 labels",
                        (tape, x) -> Losses.crossEntropy(tape, x[0], new int[] {0, 0}), Tensor.zeros(2))
                .refuses("cross-entropy: label -1 of row 1 is not one of 3 classes",
                        (tape, x) -> Losses.crossEntropy(tape, x[0], new int[] {2, -1}), Tensor.zeros(2, 3))
                .refuses("cross-entropy: label 3 of row 1 is not one of 3 classes",
                        (tape, x) -> Losses.crossEntropy(tape, x[0], new int[] {2, 3}), Tensor.zeros(2, 3));
    }

    private static OpSpec smoothed() {
        return OpSpec.of("Losses.crossEntropy",
                classes().boxed().flatMap(n -> List.of(crossEntropy(all(n), 0.1f), crossEntropy(some(n), 0.1f),
                        crossEntropy(all(n), 1)).stream()))
                .refuses("cross-entropy: logits (2, 3) for 1 labels",
                        (tape, x) -> Losses.crossEntropy(tape, x[0], new int[] {0}, 0.1f), Tensor.zeros(2, 3))
                .refuses("cross-entropy: label smoothing 1.1 is not in [0, 1]",
                        (tape, x) -> Losses.crossEntropy(tape, x[0], new int[] {0, 1}, 1.1f), Tensor.zeros(2, 3))
                .refuses("cross-entropy: label smoothing NaN is not in [0, 1]",
                        (tape, x) -> Losses.crossEntropy(tape, x[0], new int[] {0, 1}, Float.NaN),
                        Tensor.zeros(2, 3));
    }

    /** More labels than are here, and fewer. */
    private static OpSpec crossEntropyOver() {
        return OpSpec.of("Losses.crossEntropy", classes().boxed().flatMap(n -> List.of(
                over(some(n), 0, 11), over(all(n), 0.1f, 2.5)).stream()))
                .refuses("cross-entropy: logits (2, 3) for 1 labels",
                        (tape, x) -> Losses.crossEntropy(tape, x[0], new int[] {0}, 0, 7), Tensor.zeros(2, 3));
    }

    /** Classes that weigh differently. */
    private static OpSpec weighted() {
        return OpSpec.of("Losses.crossEntropy", classes().boxed().flatMap(n -> List.of(
                weighted(all(n), 0), weighted(some(n), 0.1f), weighted(all(n), 1)).stream()))
                .refuses("cross-entropy: 2 weights for 3 classes",
                        (tape, x) -> Losses.crossEntropy(tape, x[0], new int[] {0, 1}, new float[2], 0, 7),
                        Tensor.zeros(2, 3));
    }

    private static Sample weighted(int[] labels, float smoothing) {
        int classes = labels[1] + 1;
        float[] own = new float[classes];
        for (int j = 0; j < classes; j++) {
            own[j] = 0.5f + j % 3;
        }
        Tensor weights = weights(labels, smoothing, 3);
        for (int i = 0; i < weights.size(); i++) {
            weights.data()[i] *= own[i % classes];
        }
        return crossEntropy(labels, weights,
                (tape, x) -> Losses.crossEntropy(tape, x[0], labels, own, smoothing, 3), "weighted, smoothed by "
                        + smoothing + ", " + Arrays.toString(labels));
    }

    private static Sample over(int[] labels, float smoothing, double over) {
        return crossEntropy(labels, weights(labels, smoothing, over),
                (tape, x) -> Losses.crossEntropy(tape, x[0], labels, smoothing, over), "over " + over + ", " + smoothing
                        + ", " + Arrays.toString(labels));
    }

    private static Sample crossEntropy(int[] labels, float smoothing) {
        String option = (smoothing == 0 ? "" : "smoothed by " + smoothing + ", ") + Arrays.toString(labels);
        return crossEntropy(labels, weights(labels, smoothing, CrossEntropy.counted(labels)),
                (tape, x) -> smoothing == 0 ? Losses.crossEntropy(tape, x[0], labels)
                        : Losses.crossEntropy(tape, x[0], labels, smoothing),
                option);
    }

    /** One of the labels is the last class. */
    private static Sample crossEntropy(int[] labels, Tensor weights, BiFunction<Tape, Variable[], Variable> forward,
            String option) {
        int classes = labels[1] + 1;
        double[] w = OpSpec.doubles(weights);
        return Sample.of(forward::apply,
                x -> new Scalar[] {Naive.sum(Naive.each(
                        Naive.rows(x[0], classes, row -> Naive.logSoftmax(row)), Scalar.of(w), Scalar::times))},
                (manager, x) -> x[0].logSoftmax(-1).mul(PyTorch.array(manager, weights)).sum(),
                normal("logits", labels.length, classes)).with(option);
    }

    /** The loss is linear in the log-probabilities: so much of each. */
    private static Tensor weights(int[] labels, float smoothing, double over) {
        int classes = labels[1] + 1;
        Tensor weights = Tensor.zeros(labels.length, classes);
        for (int i = 0; i < labels.length; i++) {
            for (int j = 0; j < classes && labels[i] >= 0; j++) {
                double share = (double) smoothing / classes + (j == labels[i] ? 1 - (double) smoothing : 0);
                weights.data()[i * classes + j] = (float) (-share / over);
            }
        }
        return weights;
    }

    private static OpSpec klDivergence() {
        return OpSpec.of("Losses.klDivergence",
                classes().mapToObj(n -> Sample.of((tape, x) -> Losses.klDivergence(tape, x[0], x[1]),
                        x -> new Scalar[] {Naive.sum(Naive.each(Naive.each(x[0], Scalar::exp),
                                Naive.each(x[0], x[1], Scalar::minus), Scalar::times)).times(1 / 3.0)},
                        (manager, x) -> x[0].exp().mul(x[0].sub(x[1])).sum().div(PyTorch.number(manager, 3)),
                        logs("p", 3, n), logs("q", 3, n))))
                .refuses("klDivergence: shapes differ, log p (2, 3), log q (3, 2)",
                        (tape, x) -> Losses.klDivergence(tape, x[0], x[1]), Tensor.zeros(2, 3), Tensor.zeros(3, 2));
    }

    /** Log-probabilities. */
    private static Tensor logs(String name, int rows, int n) {
        Tensor logs = normal(name, rows, n);
        Scalar[] values = Naive.rows(Scalar.of(OpSpec.doubles(logs)), n, row -> Naive.logSoftmax(row));
        for (int i = 0; i < values.length; i++) {
            logs.data()[i] = (float) values[i].value();
        }
        return logs;
    }

    private static OpSpec meanSquaredError() {
        return OpSpec.of("Losses.meanSquaredError", IntStream.of(1, 7, 17, 33, 1000).mapToObj(n -> {
            Tensor target = normal("target", 2, n);
            return Sample.of((tape, x) -> Losses.meanSquaredError(tape, x[0], target),
                    x -> {
                        Scalar[] error = Naive.each(x[0], Scalar.of(OpSpec.doubles(target)), Scalar::minus);
                        return new Scalar[] {Naive.mean(Naive.each(error, error, Scalar::times))};
                    },
                    (manager, x) -> x[0].sub(PyTorch.array(manager, target)).square().mean(), normal("x", 2, n));
        })).refuses("meanSquaredError: shapes differ, x (2, 1), target (2)",
                (tape, x) -> Losses.meanSquaredError(tape, x[0], Tensor.zeros(2)), Tensor.zeros(2, 1));
    }

    private static OpSpec meanSquaredErrorOver() {
        return OpSpec.of("Losses.meanSquaredError", IntStream.of(1, 7, 17, 33, 1000).mapToObj(n -> {
            Tensor target = normal("target", 2, n);
            return Sample.of((tape, x) -> Losses.meanSquaredError(tape, x[0], target, 5),
                    x -> {
                        Scalar[] error = Naive.each(x[0], Scalar.of(OpSpec.doubles(target)), Scalar::minus);
                        return new Scalar[] {Naive.sum(Naive.each(error, error, Scalar::times)).times(1 / 5.0)};
                    },
                    (manager, x) -> x[0].sub(PyTorch.array(manager, target)).square().sum()
                            .div(PyTorch.number(manager, 5)),
                    normal("x", 2, n));
        })).refuses("meanSquaredError: shapes differ, x (2, 1), target (2)",
                (tape, x) -> Losses.meanSquaredError(tape, x[0], Tensor.zeros(2), 5), Tensor.zeros(2, 1));
    }

    /** Of the logits x and 0, the logarithms of softmax are those of σ(x) and of 1 - σ(x). */
    private static OpSpec binaryCrossEntropy() {
        return OpSpec.of("Losses.binaryCrossEntropy", IntStream.of(1, 7, 17, 33, 1000).mapToObj(n -> {
            Tensor target = Tensor.zeros(2, n);
            for (int i = 0; i < 2 * n; i++) {
                target.data()[i] = i % 3 * 0.5f;
            }
            double[] t = OpSpec.doubles(target);
            return Sample.of((tape, x) -> Losses.binaryCrossEntropy(tape, x[0], target, 5),
                    x -> {
                        Scalar[] losses = new Scalar[2 * n];
                        for (int i = 0; i < losses.length; i++) {
                            Scalar[] logs = Naive.logSoftmax(new Scalar[] {x[0][i], Scalar.of(new double[] {0})[0]});
                            losses[i] = logs[0].times(-t[i] / 5).plus(logs[1].times((t[i] - 1) / 5));
                        }
                        return new Scalar[] {Naive.sum(losses)};
                    },
                    (manager, x) -> x[0].exp().add(1).log().sub(x[0].mul(PyTorch.array(manager, target))).sum()
                            .div(PyTorch.number(manager, 5)),
                    normal("x", 2, n));
        })).refuses("binaryCrossEntropy: shapes differ, x (2, 1), target (2)",
                (tape, x) -> Losses.binaryCrossEntropy(tape, x[0], Tensor.zeros(2), 5), Tensor.zeros(2, 1));
    }

    private static OpSpec weightedSum() {
        return OpSpec.of("Losses.weightedSum", IntStream.of(0, 1, 7, 17, 33, 1000).mapToObj(n -> {
            Tensor weights = normal("weights", n);
            return Sample.of((tape, x) -> Losses.weightedSum(tape, x[0], weights),
                    x -> new Scalar[] {
                        Naive.sum(Naive.each(x[0], Scalar.of(OpSpec.doubles(weights)), Scalar::times))},
                    (manager, x) -> x[0].mul(PyTorch.array(manager, weights)).sum(), normal("x", n));
        })).refuses("weightedSum: 5 weights for x (2, 3)",
                (tape, x) -> Losses.weightedSum(tape, x[0], Tensor.zeros(5)), Tensor.zeros(2, 3));
    }
}
