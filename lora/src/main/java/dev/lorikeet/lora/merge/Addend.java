package dev.lorikeet.lora.merge;

import dev.lorikeet.lora.Factors;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;

/**
 * What one adapter adds to one layer, s·B·A, and with which weight it counts.
 *
 * @param scaling s
 * @param weight any number; a negative one takes the update away
 */
public record Addend(Factors factors, float scaling, double weight) {
    Tensor a() {
        return factors.a();
    }

    Tensor b() {
        return factors.b();
    }

    int rank() {
        return a().dim(0);
    }

    /** The factor on B·A altogether. */
    double factor() {
        return weight * scaling;
    }

    /** s·B·A (out, in), without the weight. */
    Tensor delta(Compute compute) {
        return factors.product(compute, scaling);
    }
}
