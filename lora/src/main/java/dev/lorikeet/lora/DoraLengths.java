package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Linear.Layout;
import dev.lorikeet.tensor.Tensor;

/** The lengths of the weights of each output, which DoRA trains apart from their directions. */
final class DoraLengths {
    private DoraLengths() {}

    /** The Euclidean length of each output's weights, (out), summed in double precision. */
    static Tensor of(Tensor weight, Layout layout) {
        boolean rows = layout == Layout.OUT_IN;
        double[] squares = new double[weight.dim(rows ? 0 : 1)];
        for (int i = 0; i < weight.dim(0); i++) {
            int row = weight.offset() + i * weight.dim(1);
            for (int j = 0; j < weight.dim(1); j++) {
                double w = weight.data()[row + j];
                squares[rows ? i : j] += w * w;
            }
        }
        Tensor lengths = Tensor.zeros(squares.length);
        for (int i = 0; i < squares.length; i++) {
            lengths.data()[i] = (float) Math.sqrt(squares[i]);
        }
        return lengths;
    }

    /** Scales each output's weights to the length that {@code magnitude} (out) says. */
    static void scaleTo(Tensor magnitude, Tensor weight, Layout layout) {
        Tensor lengths = of(weight, layout);
        boolean rows = layout == Layout.OUT_IN;
        for (int i = 0; i < weight.dim(0); i++) {
            int row = weight.offset() + i * weight.dim(1);
            for (int j = 0; j < weight.dim(1); j++) {
                int output = rows ? i : j;
                weight.data()[row + j] *= magnitude.data()[magnitude.offset() + output] / lengths.data()[output];
            }
        }
    }
}
