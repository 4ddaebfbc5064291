package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Reductions;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Looks for NaN and infinities in what operations make, forward and backward: the first to make one throws an
 * {@link ArithmeticException} with its name and shapes. For a look at a run that fails, since it costs time.
 */
public final class Anomalies implements TapeObserver {
    /** @throws ArithmeticException if the output or, before it, an input has a NaN or an infinity */
    @Override
    public void forward(String name, Variable output, @Nullable Variable[] inputs) {
        int at = Reductions.firstNotFinite(output.value());
        if (at < 0) {
            return;
        }
        for (int i = 0; i < inputs.length; i++) {
            Variable input = inputs[i];
            int there = input == null ? -1 : Reductions.firstNotFinite(input.value());
            if (input != null && there >= 0) {
                throw new ArithmeticException(name + ": input " + i + " " + input.shape() + " has "
                        + element(input.value(), there));
            }
        }
        throw new ArithmeticException(name + ": made " + element(output.value(), at) + " of its output "
                + output.shape() + ", inputs " + shapes(inputs));
    }

    /** @throws ArithmeticException if the gradient of an input has a NaN or an infinity */
    @Override
    public void backward(String name, Variable output, @Nullable Variable[] inputs) {
        for (int i = 0; i < inputs.length; i++) {
            Variable input = inputs[i];
            Tensor gradient = input == null ? null : input.gradient();
            int at = gradient == null ? -1 : Reductions.firstNotFinite(gradient);
            if (gradient != null && at >= 0) {
                throw new ArithmeticException(name + ": backward made " + element(gradient, at)
                        + " of the gradient of input " + i + " " + gradient.shape() + ", output " + output.shape());
            }
        }
    }

    private static String element(Tensor x, int at) {
        return x.data()[x.offset() + at] + " at " + Arrays.toString(index(x.shape(), at));
    }

    private static int[] index(Shape shape, int at) {
        int[] index = new int[shape.rank()];
        for (int axis = shape.rank() - 1, rest = at; axis >= 0; axis--) {
            index[axis] = rest % shape.dim(axis);
            rest /= shape.dim(axis);
        }
        return index;
    }

    private static String shapes(@Nullable Variable[] inputs) {
        return Arrays.stream(inputs).map(input -> input == null ? "none" : input.shape().toString())
                .collect(Collectors.joining(", "));
    }
}
