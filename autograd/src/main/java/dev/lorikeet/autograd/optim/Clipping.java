package dev.lorikeet.autograd.optim;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the gradients of an optimizer's parameters from being large; parameters without a gradient are left out.
 * Called between the backward pass and the step.
 */
public final class Clipping {
    private final List<String> names = new ArrayList<>();
    private final List<Parameter> parameters = new ArrayList<>();

    public Clipping(List<ParameterGroup> groups) {
        for (ParameterGroup group : groups) {
            names.addAll(group.parameters().keySet());
            parameters.addAll(group.parameters().values());
        }
    }

    /**
     * Scales all gradients by min(1, largest/(norm + 1e-6)), as {@code torch.nn.utils.clip_grad_norm_} (Pascanu et al.
     * 2013, algorithm 1).
     *
     * @param largest the norm of all gradients together that they may have
     * @return the norm before
     * @throws IllegalArgumentException if {@code largest} is not above 0
     * @throws ArithmeticException if a gradient is not finite; nothing has changed then
     */
    public double byNorm(double largest) {
        if (!(largest > 0)) {
            throw new IllegalArgumentException("clipping: the largest norm must be above 0, not " + largest);
        }
        double squares = 0;
        for (int i = 0; i < parameters.size(); i++) {
            Tensor gradient = parameters.get(i).gradient();
            if (gradient != null) {
                double own = squares(gradient);
                requireFinite(own, i, gradient);
                squares += own;
            }
        }
        double norm = Math.sqrt(squares);
        float factor = (float) (largest / (norm + 1e-6));
        if (factor < 1) {
            for (int i = 0; i < parameters.size(); i++) {
                Tensor gradient = parameters.get(i).gradient();
                if (gradient != null) {
                    Elementwise.scale(gradient, factor, gradient);
                }
            }
        }
        return norm;
    }

    /**
     * Moves every element of every gradient into [-largest, largest], as {@code torch.nn.utils.clip_grad_value_}.
     *
     * @throws IllegalArgumentException if {@code largest} is not above 0
     * @throws ArithmeticException if a gradient is not finite; nothing has changed then
     */
    public void byValue(double largest) {
        if (!(largest > 0)) {
            throw new IllegalArgumentException("clipping: the largest value must be above 0, not " + largest);
        }
        for (int i = 0; i < parameters.size(); i++) {
            Tensor gradient = parameters.get(i).gradient();
            if (gradient != null) {
                requireFinite(squares(gradient), i, gradient);
            }
        }
        float limit = (float) largest;
        for (int i = 0; i < parameters.size(); i++) {
            Tensor gradient = parameters.get(i).gradient();
            if (gradient != null) {
                float[] data = gradient.data();
                for (int at = gradient.offset(); at < gradient.offset() + gradient.size(); at++) {
                    data[at] = Math.clamp(data[at], -limit, limit);
                }
            }
        }
    }

    /** The sum of squares, in four sums that do not wait for one another; finite if all elements are. */
    private static double squares(Tensor x) {
        float[] data = x.data();
        int end = x.offset() + x.size();
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = x.offset();
        for (; i < end - 3; i += 4) {
            a += (double) data[i] * data[i];
            b += (double) data[i + 1] * data[i + 1];
            c += (double) data[i + 2] * data[i + 2];
            d += (double) data[i + 3] * data[i + 3];
        }
        for (; i < end; i++) {
            a += (double) data[i] * data[i];
        }
        return (a + b) + (c + d);
    }

    private void requireFinite(double squares, int which, Tensor gradient) {
        if (!Double.isFinite(squares)) {
            throw new ArithmeticException("clipping: the gradient of " + names.get(which) + " " + gradient.shape()
                    + " is not finite; a lower learning rate may help");
        }
    }
}
