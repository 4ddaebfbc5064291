package dev.lorikeet.lora.merge;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Tensor;

/**
 * What one adapter adds to one layer, s·B·A, and with which weight it counts.
 *
 * @param a (r, in)
 * @param b (out, r)
 * @param scaling s
 * @param weight any number; a negative one takes the update away
 */
public record Update(Tensor a, Tensor b, float scaling, double weight) {
    int rank() {
        return a.dim(0);
    }

    /** The factor on B·A altogether. */
    double factor() {
        return weight * scaling;
    }

    /** s·B·A (out, in), without the weight. */
    Tensor delta() {
        Tensor delta = Tensor.zeros(b.dim(0), a.dim(1));
        Matmul.multiply(Compute.shared(), Form.NN, 1f, b, a, delta, false);
        Elementwise.scale(delta, scaling, delta);
        return delta;
    }
}
