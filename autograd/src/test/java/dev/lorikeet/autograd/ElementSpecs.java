package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OpSpec.normal;
import static dev.lorikeet.tensor.Shape.of;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.nn.Activation;
import dev.lorikeet.autograd.OpSpec.Sample;
import dev.lorikeet.tensor.Broadcast;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What {@link ElementOps} compute element by element. */
final class ElementSpecs {
    private ElementSpecs() {}

    private interface Binary {
        Variable apply(Tape tape, Variable x, Variable y);
    }

    static List<OpSpec> all() {
        return List.of(
                unary("gelu", ElementOps::gelu, Naive::gelu, Activation::gelu),
                unary("geluTanh", ElementOps::geluTanh, Naive::geluTanh, ElementSpecs::geluTanh),
                unary("silu", ElementOps::silu, Naive::silu, ElementSpecs::silu),
                unary("tanh", ElementOps::tanh, Scalar::tanh, NDArray::tanh),
                unary("relu", ElementOps::relu, Scalar::relu, Activation::relu),
                unary("sigmoid", ElementOps::sigmoid, Scalar::sigmoid, Activation::sigmoid),
                unary("scale", (tape, x) -> ElementOps.scale(tape, x, -0.3f), x -> x.times(-0.3f),
                        x -> x.mul(PyTorch.number(x.getManager(), -0.3f))),
                binary("add", ElementOps::add, Scalar::plus, NDArray::add),
                binary("subtract", ElementOps::subtract, Scalar::minus, NDArray::sub),
                binary("multiply", ElementOps::multiply, Scalar::times, NDArray::mul),
                activate(), maskedFill(), dropout());
    }

    private static OpSpec unary(String name, BiFunction<Tape, Variable, Variable> operation,
            UnaryOperator<Scalar> reference, UnaryOperator<NDArray> oracle) {
        return OpSpec.of("ElementOps." + name,
                Stream.of(new int[] {0}, new int[] {1}, new int[] {3, 7}, new int[] {17}, new int[] {2, 3, 33},
                        new int[] {1000}, new int[] {})
                        .map(dims -> Sample.of((tape, x) -> operation.apply(tape, x[0]),
                                x -> Naive.each(x[0], reference), (_, x) -> oracle.apply(x[0]), normal("x", dims))));
    }

    private static OpSpec activate() {
        return OpSpec.of("ElementOps.activate", Stream.of(dev.lorikeet.tensor.Activation.values())
                .map(f -> Sample.of((tape, x) -> ElementOps.activate(tape, f, ElementOps.scale(tape, x[0], 1f)),
                        x -> Naive.each(x[0], reference(f)), (_, x) -> oracle(f).apply(x[0]), normal("x", 3, 17))
                        .with(f.toString())));
    }

    static UnaryOperator<Scalar> reference(dev.lorikeet.tensor.Activation f) {
        return switch (f) {
            case NONE -> x -> x;
            case GELU -> Naive::gelu;
            case GELU_TANH -> Naive::geluTanh;
            case RELU -> Scalar::relu;
            case SILU -> Naive::silu;
            case TANH -> Scalar::tanh;
        };
    }

    static UnaryOperator<NDArray> oracle(dev.lorikeet.tensor.Activation f) {
        return switch (f) {
            case NONE -> x -> x;
            case GELU -> Activation::gelu;
            case GELU_TANH -> ElementSpecs::geluTanh;
            case RELU -> Activation::relu;
            case SILU -> ElementSpecs::silu;
            case TANH -> NDArray::tanh;
        };
    }

    static NDArray silu(NDArray x) {
        return x.mul(Activation.sigmoid(x));
    }

    static NDArray geluTanh(NDArray x) {
        NDArray cubic = x.mul(x).mul(x).mul(PyTorch.number(x.getManager(), 0.044715));
        NDArray inner = x.add(cubic).mul(PyTorch.number(x.getManager(), Math.sqrt(2 / Math.PI)));
        return x.mul(PyTorch.number(x.getManager(), 0.5)).mul(inner.tanh().add(x.onesLike()));
    }

    private static OpSpec binary(String name, Binary operation, BinaryOperator<Scalar> reference,
            BinaryOperator<NDArray> oracle) {
        Stream<Sample> pairs = Stream.of(
                pair(operation, reference, oracle, of(0), of(0)), pair(operation, reference, oracle, of(1), of(1)),
                pair(operation, reference, oracle, of(1000), of(1000)),
                pair(operation, reference, oracle, of(3, 17), of(3, 17)),
                pair(operation, reference, oracle, of(7, 33), of(33)), // a row
                pair(operation, reference, oracle, of(33), of(7, 33)),
                pair(operation, reference, oracle, of(7, 33), of(7, 1)), // a column
                pair(operation, reference, oracle, of(7, 1), of(1, 33)), // an outer product
                pair(operation, reference, oracle, of(2, 3, 5), of(3, 1)),
                pair(operation, reference, oracle, of(2, 1, 3, 1), of(7, 1, 5)),
                pair(operation, reference, oracle, of(1, 2, 1, 3), of(1, 2, 1, 1)),
                pair(operation, reference, oracle, of(1000), of()), pair(operation, reference, oracle, of(1), of(3, 7)),
                pair(operation, reference, oracle, of(0, 3), of(3)),
                pair(operation, reference, oracle, of(3, 0), of(3, 1)),
                Sample.of((tape, x) -> operation.apply(tape, x[0], x[0]), x -> Naive.each(x[0], x[0], reference),
                        (_, x) -> oracle.apply(x[0], x[0]), normal("x", 3, 7)).with("itself"));
        return OpSpec.of("ElementOps." + name, pairs)
                .refuses(name + ": shapes do not broadcast, lhs (3, 4), rhs (2, 4)",
                        (tape, x) -> operation.apply(tape, x[0], x[1]), Tensor.zeros(3, 4), Tensor.zeros(2, 4))
                .refuses(name + ": shapes do not broadcast, lhs (3, 4), rhs (3)",
                        (tape, x) -> operation.apply(tape, x[0], x[1]), Tensor.zeros(3, 4), Tensor.zeros(3))
                .refuses(name + ": shapes do not broadcast, lhs (0), rhs (2)",
                        (tape, x) -> operation.apply(tape, x[0], x[1]), Tensor.zeros(0), Tensor.zeros(2));
    }

    private static Sample pair(Binary operation, BinaryOperator<Scalar> reference, BinaryOperator<NDArray> oracle,
            Shape x, Shape y) {
        return Sample.of((tape, in) -> operation.apply(tape, in[0], in[1]), in -> {
            int[] dims = Broadcast.of("reference", x, y).shape().dims();
            return Naive.each(Naive.broadcast(in[0], x.dims(), dims), Naive.broadcast(in[1], y.dims(), dims),
                    reference);
        }, (_, in) -> oracle.apply(in[0], in[1]), normal("x", x.dims()), normal("y", y.dims()));
    }

    private static OpSpec maskedFill() {
        return OpSpec.of("ElementOps.maskedFill", IntStream.of(0, 1, 7, 33, 250).mapToObj(n -> {
            boolean[] mask = new boolean[4 * n];
            for (int i = 0; i < mask.length; i++) {
                mask[i] = i % 3 == 1;
            }
            return Sample.of((tape, x) -> ElementOps.maskedFill(tape, x[0], mask, -0.7f),
                    x -> IntStream.range(0, mask.length).mapToObj(i -> mask[i] ? Scalar.of(-0.7f) : x[0][i])
                            .toArray(Scalar[]::new),
                    (manager, x) -> NDArrays.where(manager.create(mask, x[0].getShape()),
                            x[0].zerosLike().add(PyTorch.number(manager, -0.7f)), x[0]),
                    normal("x", 4, n));
        })).refuses("maskedFill: a mask of 5 elements for x (2, 3)",
                (tape, x) -> ElementOps.maskedFill(tape, x[0], new boolean[5], 0), Tensor.zeros(2, 3));
    }

    private static OpSpec dropout() {
        return OpSpec.of("ElementOps.dropout",
                Stream.of(new int[] {0}, new int[] {1}, new int[] {3, 7}, new int[] {3, 33}, new int[] {1000})
                        .flatMap(dims -> Stream.of(dropout(0.3f, dims), dropout(0, dims))))
                .refuses("dropout: probability 1.0 is not in [0, 1)",
                        (tape, x) -> ElementOps.dropout(tape, x[0], 1, 1), Tensor.zeros(3))
                .refuses("dropout: probability -0.1 is not in [0, 1)",
                        (tape, x) -> ElementOps.dropout(tape, x[0], -0.1f, 1), Tensor.zeros(3))
                .refuses("dropout: probability NaN is not in [0, 1)",
                        (tape, x) -> ElementOps.dropout(tape, x[0], Float.NaN, 1), Tensor.zeros(3));
    }

    /** The mask is the one that the same key gives on ones. */
    private static Sample dropout(float probability, int... dims) {
        Tensor mask = dropped(probability, 5, dims);
        return Sample.of((tape, x) -> ElementOps.dropout(tape, x[0], probability, 5),
                x -> Naive.each(x[0], Scalar.of(OpSpec.doubles(mask)), Scalar::times),
                (manager, x) -> x[0].mul(PyTorch.array(manager, mask)), normal("x", dims)).with(probability + " of");
    }

    /** Ones after dropout: what it multiplies by. */
    static Tensor dropped(float probability, long key, int... dims) {
        Tensor ones = Tensor.zeros(dims);
        ones.fill(1);
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            return ElementOps.dropout(tape, Variable.constant(ones), probability, key).value().copy();
        }
    }
}
