package dev.lorikeet.lora.merge;

import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * How tensors of one shape become one: each is pruned, then they are put together with weights. PEFT's names of the
 * pairs are {@code linear}, {@code magnitude_prune}, {@code ties}, {@code dare_linear} and {@code dare_ties}.
 */
public record TaskArithmetic(Pruning pruning, Consensus consensus) {
    /** Which of the entries at one place count. */
    public enum Consensus {
        /** All: their weighted sum (Ilharco et al. 2023). */
        SUM,
        /**
         * Those with the sign that the sum of the entries has, before any weight: their weighted sum divided by their
         * number (TIES, Yadav et al. 2023, section 3.1). PEFT's {@code majority_sign_method="total"}.
         */
        TOTAL,
        /** As {@link #TOTAL} with the sign that more of them have. PEFT's {@code majority_sign_method="frequency"}. */
        FREQUENCY
    }

    /** The weighted sum. */
    public static TaskArithmetic linear() {
        return new TaskArithmetic(new Pruning.Nothing(), Consensus.SUM);
    }

    /**
     * One tensor.
     *
     * @param tensors at least one, all of one shape
     * @param weights one for each
     * @param key of the random numbers, beside the pruning's seed
     */
    Tensor apply(List<Tensor> tensors, float[] weights, long key) {
        List<Tensor> pruned = new ArrayList<>();
        for (int t = 0; t < weights.length; t++) {
            pruned.add(pruning.prune(tensors.get(t), key + t));
        }
        Tensor result = Tensor.zeros(tensors.getFirst().shape());
        for (int i = 0; i < result.size(); i++) {
            result.data()[i] = entry(pruned, weights, i);
        }
        return result;
    }

    private float entry(List<Tensor> tensors, float[] weights, int i) {
        boolean positive = isPositive(tensors, i);
        float sum = 0;
        int count = 0;
        for (int t = 0; t < weights.length; t++) {
            float value = tensors.get(t).data()[i];
            if (consensus == Consensus.SUM || (positive ? value > 0 : value < 0)) {
                sum += value * weights[t];
                count++;
            }
        }
        return consensus == Consensus.SUM ? sum : sum / Math.max(1, count);
    }

    /** Which sign wins; a tie is positive, as in PEFT. */
    private boolean isPositive(List<Tensor> tensors, int i) {
        float votes = 0;
        for (Tensor tensor : tensors) {
            float value = tensor.data()[i];
            votes += consensus == Consensus.FREQUENCY ? Math.signum(value) : value;
        }
        return votes >= 0;
    }
}
