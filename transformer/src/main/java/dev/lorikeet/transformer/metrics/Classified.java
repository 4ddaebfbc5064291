package dev.lorikeet.transformer.metrics;

/**
 * Classes that were said, beside the true ones, in the order of the examples.
 *
 * @param classes how many there are
 * @param actual the true class of each example, in [0, classes)
 * @param said the class that was said
 * @param confidence its probability, in [0, 1]
 */
public record Classified(int classes, int[] actual, int[] said, float[] confidence) implements Details {
    /** @throws IllegalArgumentException if the counts differ */
    public Classified {
        if (actual.length != said.length || actual.length != confidence.length) {
            throw new IllegalArgumentException("classified: " + said.length + " classes with " + confidence.length
                    + " probabilities were said of " + actual.length + " examples");
        }
    }

    /**
     * Which classes were taken for which.
     *
     * @throws IllegalArgumentException if a class is not in [0, classes)
     */
    public ConfusionMatrix confusion() {
        return new ConfusionMatrix(classes, actual, said);
    }

    /** Whether what was said of an example is true. */
    public boolean isRight(int example) {
        return actual[example] == said[example];
    }

    /** Whether answers are right as often as the model is sure of them, in so many bins. */
    public Calibration calibration(int bins) {
        return Calibration.of(confidence, right(), bins);
    }

    /**
     * Of two classes, how well the probability of the second tells its examples. Of more, how well the probability of
     * what was said tells the answers that are right: a point of the curve then is the share of right ones among those
     * that the model is so sure of, and the share of all right ones that it is so sure of.
     */
    public PrecisionRecall precisionRecall() {
        if (classes != 2) {
            return PrecisionRecall.of(right(), confidence);
        }
        boolean[] second = new boolean[actual.length];
        float[] probability = new float[actual.length];
        for (int i = 0; i < actual.length; i++) {
            second[i] = actual[i] == 1;
            probability[i] = said[i] == 1 ? confidence[i] : 1 - confidence[i];
        }
        return PrecisionRecall.of(second, probability);
    }

    private boolean[] right() {
        boolean[] right = new boolean[actual.length];
        for (int i = 0; i < right.length; i++) {
            right[i] = isRight(i);
        }
        return right;
    }
}
