package dev.lorikeet.autograd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What an operation is: samples beside the same function written naively in double precision and beside PyTorch's, and
 * what it refuses. {@link OpSpecTest} checks every spec alike.
 *
 * @param name class and method, for example {@code ElementOps.add}; one spec for each overload
 */
record OpSpec(String name, List<Sample> samples, List<Refusal> refusals) {

    /** The operation; whatever else it takes beside variables is the sample's. */
    interface Forward {
        Variable apply(Tape tape, Variable... x);
    }

    /** Every element of the output from every element of the inputs. */
    interface Reference {
        Scalar[] apply(Scalar[]... x);
    }

    /** The same by PyTorch's operations. */
    interface Oracle {
        NDArray apply(NDManager manager, NDArray... x);
    }

    /**
     * The operation at one size.
     *
     * @param inputs what may require a gradient
     */
    record Sample(String name, Forward forward, Reference reference, Oracle oracle, Tensor... inputs) {
        static Sample of(Forward forward, Reference reference, Oracle oracle, Tensor... inputs) {
            String shapes = Arrays.stream(inputs).map(x -> x.shape().toString()).collect(Collectors.joining(", "));
            return new Sample(shapes, forward, reference, oracle, inputs);
        }

        /** The same, with {@code option} before the shapes in its name. */
        Sample with(String option) {
            return new Sample(option + " " + name, forward, reference, oracle, inputs);
        }
    }

    /** An input that the operation does not take, and what it says. */
    record Refusal(String message, Class<? extends Exception> type, Forward forward, Tensor... inputs) {}

    static OpSpec of(String name, Sample... samples) {
        return new OpSpec(name, List.of(samples), List.of());
    }

    static OpSpec of(String name, Stream<Sample> samples) {
        return new OpSpec(name, samples.toList(), List.of());
    }

    OpSpec refuses(String message, Forward forward, Tensor... inputs) {
        return refuses(message, IllegalArgumentException.class, forward, inputs);
    }

    OpSpec refuses(String message, Class<? extends Exception> type, Forward forward, Tensor... inputs) {
        Refusal refusal = new Refusal(message, type, forward, inputs);
        return new OpSpec(name, samples, Stream.concat(refusals.stream(), Stream.of(refusal)).toList());
    }

    /** Standard normal numbers, always the same for the same name. */
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
}
