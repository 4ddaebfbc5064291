package dev.lorikeet.tensor;

/**
 * Softmax cross-entropy over the rows of logits (rows, classes); rows with label {@link #IGNORED} count for nothing.
 */
public final class CrossEntropy {
    /** The label of a row that is left out, as in PyTorch and Hugging Face. */
    public static final int IGNORED = -100;

    private CrossEntropy() {}

    /**
     * The mean of -log softmax(logits)[label] over the rows that count; {@code probabilities} takes softmax(logits).
     *
     * @throws IllegalArgumentException if a label is neither a class nor {@link #IGNORED}
     */
    public static float forward(Compute compute, Tensor logits, int[] labels, Tensor probabilities) {
        int classes = logits.dim(-1);
        double total = 0;
        for (int i = 0; i < labels.length; i++) {
            int row = logits.offset() + i * classes;
            float shift = compute.kernels().max(classes, logits.data(), row);
            float sum = softmax(compute, classes, logits.data(), row, shift, probabilities.data(),
                    probabilities.offset() + i * classes);
            if (labels[i] == IGNORED) {
                continue;
            }
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException("cross-entropy: label " + labels[i] + " of row " + i
                        + " is not one of " + classes + " classes");
            }
            total += StrictMath.log(sum) - ((double) logits.data()[row + labels[i]] - shift);
        }
        return (float) (total / counted(labels));
    }

    /** probabilities = softmax(logits), row by row. */
    public static void softmax(Compute compute, Tensor logits, Tensor probabilities) {
        int classes = logits.dim(-1);
        for (int i = 0; i < logits.shape().rows(); i++) {
            int row = logits.offset() + i * classes;
            softmax(compute, classes, logits.data(), row, compute.kernels().max(classes, logits.data(), row),
                    probabilities.data(), probabilities.offset() + i * classes);
        }
    }

    /** y = exp(x - shift)/Σ; gives the sum. */
    private static float softmax(Compute compute, int n, float[] x, int xo, float shift, float[] y, int yo) {
        float sum = compute.kernels().exp(n, x, xo, 1f, shift, y, yo);
        for (int j = 0; j < n; j++) {
            y[yo + j] /= sum;
        }
        return sum;
    }

    /** dlogits = (softmax(logits) - onehot(label))·dloss/rows; zero for rows that do not count. */
    public static void backward(Tensor probabilities, int[] labels, float dloss, Tensor dlogits) {
        int classes = probabilities.dim(-1);
        float factor = dloss / counted(labels);
        for (int i = 0; i < labels.length; i++) {
            for (int j = 0; j < classes; j++) {
                float p = probabilities.data()[probabilities.offset() + i * classes + j];
                float target = j == labels[i] ? 1f : 0f;
                dlogits.data()[dlogits.offset() + i * classes + j] = labels[i] == IGNORED ? 0f : (p - target) * factor;
            }
        }
    }

    private static int counted(int[] labels) {
        int count = 0;
        for (int label : labels) {
            count += label == IGNORED ? 0 : 1;
        }
        return count;
    }
}
