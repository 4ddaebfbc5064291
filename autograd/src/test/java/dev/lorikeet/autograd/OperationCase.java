package dev.lorikeet.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * An operation at one size, beside the same function written naively in double precision.
 *
 * @param reference gives every element of the output from every element of the inputs
 * @param inputs what may require a gradient; whatever else the operation takes is part of both functions
 */
record OperationCase(String name, Forward forward, Reference reference, Tensor... inputs) {
    private static final double ERROR = 1e-6;
    private static final double STEP = 1e-5;

    interface Forward {
        Variable apply(Tape tape, Variable... x);
    }

    interface Reference {
        double[] apply(double[]... x);
    }

    static Tensor normal(String name, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Random.fillNormal(tensor, 1f, Random.key(1, name));
        return tensor;
    }

    static double[] doubles(Tensor tensor) {
        double[] values = new double[tensor.size()];
        Arrays.setAll(values, i -> tensor.data()[tensor.offset() + i]);
        return values;
    }

    /**
     * Compares the value, and the gradients where all inputs require one, where a single one does, and where the
     * operation runs twice on the same inputs.
     */
    void check() {
        double[] value = reference.apply(values());
        Tensor probe = normal("probe", value.length);
        double[][] gradients = gradients(probe);
        check(value, gradients, probe, i -> true, false);
        check(value, gradients, probe, i -> true, true);
        for (int only = 0; only < inputs.length; only++) {
            int required = only;
            check(value, gradients, probe, i -> i == required, false);
        }
    }

    private void check(double[] value, double[][] gradients, Tensor probe, IntPredicate required, boolean twice) {
        Workspace workspace = new Workspace();
        run(workspace, leaves(i -> true, Float.NaN), probe, twice); // leaves NaN in the buffers that come back
        Variable[] leaves = leaves(required, 0);
        assertClose("value", run(workspace, leaves, probe, twice), value, 1);
        for (int i = 0; i < inputs.length; i++) {
            assertThat(leaves[i].value().toArray()).as("%s: input %d afterwards", name, i)
                    .isEqualTo(inputs[i].toArray());
            if (required.test(i)) {
                assertClose("gradient of input " + i, leaves[i].gradientOrThrow(), gradients[i], twice ? 2 : 1);
            } else {
                assertThat(leaves[i].gradient()).as("%s: gradient of input %d", name, i).isNull();
            }
        }
    }

    /** The value of the operation; the gradients of Σ value·probe are in the leaves. */
    private Tensor run(Workspace workspace, Variable[] leaves, Tensor probe, boolean twice) {
        try (Tape tape = Tape.training(Compute.shared(), workspace)) {
            Variable[] x = twice ? intermediates(tape, leaves) : leaves;
            Variable y = forward.apply(tape, x);
            Variable loss = Losses.weightedSum(tape, y, probe);
            if (twice) {
                loss = ElementOps.add(tape, loss, Losses.weightedSum(tape, forward.apply(tape, x), probe));
            }
            Tensor value = y.value().copy();
            tape.backward(loss);
            return value;
        }
    }

    /** The same values, with gradients that lie in the workspace on their way to the leaves. */
    private static Variable[] intermediates(Tape tape, Variable[] leaves) {
        return Arrays.stream(leaves)
                .map(leaf -> ElementOps.add(tape, leaf, Variable.constant(Tensor.zeros(leaf.value().shape()))))
                .toArray(Variable[]::new);
    }

    private Variable[] leaves(IntPredicate required, float added) {
        Variable[] leaves = new Variable[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            Tensor value = inputs[i].copy();
            for (int j = 0; j < value.size(); j++) {
                value.data()[j] += added;
            }
            leaves[i] = required.test(i) ? Variable.leaf(value) : Variable.constant(value);
        }
        return leaves;
    }

    private double[][] values() {
        return Arrays.stream(inputs).map(OperationCase::doubles).toArray(double[][]::new);
    }

    /** Of Σ reference·probe, by central differences. */
    private double[][] gradients(Tensor probe) {
        double[][] x = values();
        double[][] gradients = new double[x.length][];
        for (int i = 0; i < x.length; i++) {
            gradients[i] = new double[x[i].length];
            for (int j = 0; j < x[i].length; j++) {
                double middle = x[i][j];
                x[i][j] = middle + STEP;
                double above = probed(x, probe);
                x[i][j] = middle - STEP;
                double below = probed(x, probe);
                x[i][j] = middle;
                gradients[i][j] = (above - below) / (2 * STEP);
            }
        }
        return gradients;
    }

    private double probed(double[][] x, Tensor probe) {
        double[] y = reference.apply(x);
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += y[i] * probe.get(i);
        }
        return sum;
    }

    /** Within {@link #ERROR} of the largest element, or of one. */
    private void assertClose(String what, Tensor actual, double[] expected, int times) {
        assertThat(actual.size()).as("%s: %s", name, what).isEqualTo(expected.length);
        double bound = ERROR * times * Math.max(1, Arrays.stream(expected).map(Math::abs).max().orElse(0));
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs(actual.data()[actual.offset() + i] - times * expected[i]);
            assertThat(difference).as("%s: %s, element %d: %s instead of %s", name, what, i,
                    actual.data()[actual.offset() + i], times * expected[i]).isLessThanOrEqualTo(bound);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
