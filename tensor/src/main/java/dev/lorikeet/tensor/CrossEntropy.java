package dev.lorikeet.tensor;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Softmax cross-entropy over the rows of logits (rows, classes); rows with label {@link #IGNORED} count for nothing.
 *
 * <p>Nothing of the size of the logits is kept: the forward pass leaves two numbers for each row, from which the
 * backward pass computes softmax again, straight into the gradient.
 */
public final class CrossEntropy {
    /** The label of a row that is left out, as in PyTorch and Hugging Face. */
    public static final int IGNORED = -100;

    private CrossEntropy() {}

    /** As {@link #forward(Compute, Tensor, int[], float, Tensor)}, without smoothing. */
    public static float forward(Compute compute, Tensor logits, int[] labels, Tensor statistics) {
        return forward(compute, logits, labels, 0f, statistics);
    }

    /**
     * The mean of -log softmax(logits)[label] over the rows that count, NaN if none does; {@code statistics} (rows, 2)
     * takes what {@link #backward} needs.
     *
     * <p>With label smoothing ε (Szegedy et al. 2016, section 7) a share ε of the label's weight goes to all classes
     * alike: (1 - ε)·(-log softmax[label]) + ε·mean(-log softmax).
     *
     * @param smoothing ε, in [0, 1]
     * @throws IllegalArgumentException if a label is neither a class nor {@link #IGNORED}
     */
    public static float forward(Compute compute, Tensor logits, int[] labels, float smoothing, Tensor statistics) {
        return forward(compute, logits, labels, smoothing, counted(labels), statistics);
    }

    /** As above, the sum divided by {@code over}. */
    public static float forward(Compute compute, Tensor logits, int[] labels, float smoothing, double over,
            Tensor statistics) {
        return forward(compute, logits, labels, null, smoothing, over, statistics);
    }

    /**
     * As above, of classes that weigh differently, as PyTorch's {@code weight}: with label smoothing ε, which every
     * class gets by its own weight, (1 - ε)·w[label]·(-log softmax[label]) + ε/classes·Σ w·(-log softmax).
     *
     * @param weights w of each class, or null where all are 1
     * @param over PyTorch's mean divides by the sum of w[label] of the rows that count
     */
    public static float forward(Compute compute, Tensor logits, int[] labels, float @Nullable [] weights,
            float smoothing, double over, Tensor statistics) {
        int classes = logits.dim(-1);
        check(labels, classes);
        check(weights, classes);
        Softmax.statistics(compute, logits, statistics);
        double total = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] != IGNORED) {
                float max = statistics.data()[statistics.offset() + 2 * i];
                float sum = statistics.data()[statistics.offset() + 2 * i + 1];
                double logit = logits.data()[logits.offset() + i * classes + labels[i]];
                double loss = StrictMath.log(sum) - (logit - max);
                if (weights != null) {
                    loss *= weights[labels[i]];
                    if (smoothing != 0) {
                        loss += smoothing * (weighted(weights, logits, i, StrictMath.log(sum) + max) / classes - loss);
                    }
                } else if (smoothing != 0) {
                    double mean = compute.kernels().sum(classes, logits.data(), logits.offset() + i * classes)
                            / (double) classes;
                    loss += smoothing * (logit - mean); // the mean of the losses of all labels, less this one
                }
                total += loss;
            }
        }
        return (float) (total / over);
    }

    /** Σ w·(-log softmax) of a row, where {@code norm} is the logarithm of the sum of its exponentials. */
    private static double weighted(float[] weights, Tensor logits, int row, double norm) {
        double sum = 0;
        for (int j = 0; j < weights.length; j++) {
            sum += weights[j] * (norm - logits.data()[logits.offset() + row * weights.length + j]);
        }
        return sum;
    }

    private static void check(float @Nullable [] weights, int classes) {
        if (weights != null && weights.length != classes) {
            throw new IllegalArgumentException("cross-entropy: " + weights.length + " weights for " + classes
                    + " classes");
        }
    }

    private static void check(int[] labels, int classes) {
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] != IGNORED && (labels[i] < 0 || labels[i] >= classes)) {
                throw new IllegalArgumentException("cross-entropy: label " + labels[i] + " of row " + i
                        + " is not one of " + classes + " classes");
            }
        }
    }

    /** As {@link #backward(Compute, Tensor, int[], float, Tensor, float, Tensor)}, without smoothing. */
    public static void backward(Compute compute, Tensor logits, int[] labels, Tensor statistics, float dloss,
            Tensor dlogits) {
        backward(compute, logits, labels, 0f, statistics, dloss, dlogits);
    }

    /**
     * dlogits = (softmax(logits) - (1 - ε)·onehot(label) - ε/classes)·dloss/rows that count; zero for those that do
     * not. dlogits may be logits.
     */
    public static void backward(Compute compute, Tensor logits, int[] labels, float smoothing, Tensor statistics,
            float dloss, Tensor dlogits) {
        backward(compute, logits, labels, smoothing, counted(labels), statistics, dloss, dlogits);
    }

    /** As above, of the sum divided by {@code over}. */
    public static void backward(Compute compute, Tensor logits, int[] labels, float smoothing, double over,
            Tensor statistics, float dloss, Tensor dlogits) {
        backward(compute, logits, labels, null, smoothing, over, statistics, dloss, dlogits);
    }

    /**
     * As above, of classes that weigh differently: dlogits = (softmax(logits)·((1 - ε)·w[label] + ε·Σw/classes)
     * - (1 - ε)·w[label]·onehot(label) - ε·w/classes)·dloss/over.
     */
    public static void backward(Compute compute, Tensor logits, int[] labels, float @Nullable [] weights,
            float smoothing, double over, Tensor statistics, float dloss, Tensor dlogits) {
        int classes = logits.dim(-1);
        float factor = dloss / (float) over;
        float share = factor * smoothing / classes;
        float all = weights == null ? classes : sum(weights);
        Softmax.forEachRow(compute, logits, i -> {
            int row = dlogits.offset() + i * classes;
            if (labels[i] == IGNORED) {
                Arrays.fill(dlogits.data(), row, row + classes, 0f);
                return;
            }
            float max = statistics.data()[statistics.offset() + 2 * i];
            float sum = statistics.data()[statistics.offset() + 2 * i + 1];
            float own = weights == null ? 1 : weights[labels[i]];
            float scale = weights == null ? factor : factor * (1 - smoothing) * own + share * all;
            Softmax.scaledExp(compute.kernels(), classes, logits.data(), logits.offset() + i * classes, max,
                    scale / sum, dlogits.data(), row);
            if (smoothing != 0) {
                for (int j = 0; j < classes; j++) {
                    dlogits.data()[row + j] -= weights == null ? share : share * weights[j];
                }
            }
            dlogits.data()[row + labels[i]] -= factor * (1 - smoothing) * own;
        });
    }

    private static float sum(float[] weights) {
        float sum = 0;
        for (float weight : weights) {
            sum += weight;
        }
        return sum;
    }

    /** How many rows count. */
    public static int counted(int[] labels) {
        int count = 0;
        for (int label : labels) {
            count += label == IGNORED ? 0 : 1;
        }
        return count;
    }
}
