package dev.lorikeet.lora;

import dev.lorikeet.tensor.Tensor;

/**
 * How much a merge changed a weight, in Frobenius norms.
 *
 * @param change that of the difference
 * @param weight that of the weight before
 */
public record WeightChange(double change, double weight) {
    /** From a weight before to one after, of one shape. */
    public static WeightChange between(Tensor before, Tensor after) {
        double change = 0;
        double weight = 0;
        for (int i = 0; i < before.size(); i++) {
            double w = before.data()[before.offset() + i];
            double d = after.data()[after.offset() + i] - w;
            change += d * d;
            weight += w * w;
        }
        return new WeightChange(Math.sqrt(change), Math.sqrt(weight));
    }

    /** The change as a share of the weight. */
    public double relative() {
        return change / weight;
    }
}
