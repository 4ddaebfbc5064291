package dev.lorikeet.transformer.metrics;

/** How many examples of each class were taken for each class. */
public final class ConfusionMatrix {
    private final int classes;
    private final int[] counts;

    /**
     * Counts predictions.
     *
     * @param actual the true class of each example, in [0, classes)
     * @param predicted the class that was said, in the same order
     * @throws IllegalArgumentException if the counts differ or a class is not in [0, classes)
     */
    public ConfusionMatrix(int classes, int[] actual, int[] predicted) {
        if (actual.length != predicted.length) {
            throw new IllegalArgumentException("confusion matrix: " + actual.length + " true classes for "
                    + predicted.length + " predictions");
        }
        this.classes = classes;
        this.counts = new int[classes * classes];
        for (int i = 0; i < actual.length; i++) {
            counts[index(actual[i], i) * classes + index(predicted[i], i)]++;
        }
    }

    /** Without this, a class that is too large would count as one of the next row. */
    private int index(int label, int example) {
        if (label < 0 || label >= classes) {
            throw new IllegalArgumentException("confusion matrix: class " + label + " of example " + example
                    + " is not one of " + classes);
        }
        return label;
    }

    public int classes() {
        return classes;
    }

    /** How many examples of class {@code actual} were taken for {@code predicted}. */
    public int count(int actual, int predicted) {
        return counts[actual * classes + predicted];
    }

    /** The number of examples. */
    public int total() {
        int total = 0;
        for (int count : counts) {
            total += count;
        }
        return total;
    }

    /** The share of examples whose class was said, in [0, 1]; NaN without examples. */
    public double accuracy() {
        int right = 0;
        for (int c = 0; c < classes; c++) {
            right += count(c, c);
        }
        return (double) right / total();
    }
}
