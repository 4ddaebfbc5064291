package dev.lorikeet.lora;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Tensor;
import java.util.stream.IntStream;

/**
 * AdaLoRA's gate: the λ themselves (Zhang et al. 2023, equation 3).
 *
 * @param parameter λ (r, 1)
 */
record Lambdas(Parameter parameter) implements Gate {
    @Override
    public Variable value(Tape tape) {
        return parameter;
    }

    /** The components that count: those whose λ is not zero. */
    private int[] counting() {
        return IntStream.range(0, parameter.value().size()).filter(i -> parameter.value().get(i, 0) != 0).toArray();
    }

    int count() {
        return counting().length;
    }

    /** diag(λ)·A without the rows that are zero. */
    Tensor intoA(Tensor a) {
        int[] rows = counting();
        Tensor scaled = Tensor.zeros(rows.length, a.dim(1));
        for (int i = 0; i < rows.length; i++) {
            Elementwise.scale(a.rows(rows[i], rows[i] + 1), parameter.value().get(rows[i], 0),
                    scaled.rows(i, i + 1));
        }
        return scaled;
    }

    /** B without the columns of components that do not count. */
    Tensor ofB(Tensor b) {
        int[] columns = counting();
        Tensor left = Tensor.zeros(b.dim(0), columns.length);
        for (int row = 0; row < b.dim(0); row++) {
            for (int j = 0; j < columns.length; j++) {
                left.data()[row * columns.length + j] = b.get(row, columns[j]);
            }
        }
        return left;
    }
}
