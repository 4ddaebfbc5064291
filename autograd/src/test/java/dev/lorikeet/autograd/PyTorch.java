package dev.lorikeet.autograd;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;

/** PyTorch as an oracle, through DJL: the value of a sample, and the gradients of Σ value·probe. */
final class PyTorch {
    private PyTorch() {}

    record Result(Tensor value, Tensor[] gradients) {}

    static Result run(OpSpec.Sample sample, Tensor probe) {
        Engine engine = Engine.getEngine("PyTorch");
        try (NDManager manager = engine.newBaseManager()) {
            NDArray[] x = Arrays.stream(sample.inputs()).map(input -> array(manager, input)).toArray(NDArray[]::new);
            for (NDArray input : x) {
                input.setRequiresGradient(true);
            }
            NDArray y;
            try (GradientCollector collector = engine.newGradientCollector()) {
                y = sample.oracle().apply(manager, x);
                collector.backward(y.flatten().mul(array(manager, probe)).sum());
            }
            return new Result(tensor(y),
                    Arrays.stream(x).map(input -> tensor(input.getGradient())).toArray(Tensor[]::new));
        }
    }

    private static Tensor tensor(NDArray x) {
        return Tensor.of(x.toFloatArray(), Arrays.stream(x.getShape().getShape()).mapToInt(Math::toIntExact).toArray());
    }

    static NDArray array(NDManager manager, Tensor tensor) {
        return manager.create(tensor.toArray(), shape(tensor.shape().dims()));
    }

    static Shape shape(int... dims) {
        return new Shape(Arrays.stream(dims).asLongStream().toArray());
    }

    /**
     * A number in PyTorch's own memory. DJL's operations on a Number make an array over a buffer of Java's, which they
     * let go at once; the collector may free it while the graph still keeps it for the backward pass.
     */
    static NDArray number(NDManager manager, double value) {
        return manager.full(new Shape(), (float) value);
    }

    /** The arrays one behind the other; DJL gives a copy without history where there is but one. */
    static NDArray concat(int axis, NDArray... x) {
        return x.length == 1 ? x[0] : NDArrays.concat(new NDList(x), axis);
    }
}
