package dev.lorikeet.transformer.task;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much targets weigh in a training loss, each of which is one of several classes. In evaluations all weigh alike.
 *
 * @param labelSmoothing the share of each target's weight that goes to all classes alike, in [0, 1]: PyTorch's
 *     {@code label_smoothing}
 * @param classes the weight of each class, PyTorch's {@code weight}; empty where all are 1
 */
public record TargetWeights(float labelSmoothing, List<Float> classes) {
    /** All alike, and not smoothed. */
    public static final TargetWeights PLAIN = new TargetWeights(0, List.of());

    public TargetWeights {
        classes = List.copyOf(classes);
    }

    /**
     * Weights by which all classes together weigh alike: n/(classes·count), as scikit-learn's
     * {@code class_weight="balanced"} (King and Zeng 2001). A class without examples has the weight 0 and does not
     * count.
     *
     * @param counts how many examples each class has
     */
    public static List<Float> balanced(int[] counts) {
        double examples = Arrays.stream(counts).asLongStream().sum();
        long present = Arrays.stream(counts).filter(count -> count > 0).count();
        return Arrays.stream(counts).mapToObj(count -> count == 0 ? 0f : (float) (examples / (present * count)))
                .toList();
    }

    /** The weight of a target. */
    public float of(int target) {
        return classes.isEmpty() ? 1 : classes.get(target);
    }

    /** The weights of the classes for {@link dev.lorikeet.autograd.Losses#crossEntropy}; null where all are 1. */
    float @Nullable [] array() {
        if (classes.isEmpty()) {
            return null;
        }
        float[] weights = new float[classes.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = classes.get(i);
        }
        return weights;
    }
}
