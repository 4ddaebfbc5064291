package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OpSpec.normal;
import static dev.lorikeet.tensor.Activation.NONE;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.lorikeet.autograd.LinearOps.LowRank;
import dev.lorikeet.autograd.OpSpec.Sample;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** {@link LinearOps}: products, and layers with the options that each takes. */
final class LinearSpecs {
    private static final float SCALING = 1.5f;
    private static final float DROPPED = 0.5f;

    private LinearSpecs() {}

    /** x (rows, in), W (out, in), and a low-rank term of {@code rank}. */
    private record Layer(int rows, int in, int out, int rank) {
        Tensor x() {
            return normal("x", rows, in);
        }

        /** So that gelu is at work where it bends. */
        Tensor quiet() {
            Tensor quiet = x();
            Elementwise.scale(quiet, 0.2f / in, quiet);
            return quiet;
        }

        Tensor other() {
            return normal("other", rows, in);
        }

        Tensor weight() {
            return normal("weight", out, in);
        }

        Tensor bias() {
            return normal("bias", out);
        }

        Tensor a() {
            return normal("a", rank, in);
        }

        Tensor b() {
            return normal("b", out, rank);
        }

        FrozenMatrix frozen(Tape tape) {
            return tape.compute().take(weight(), WeightFormat.F32);
        }

        /** x·Wᵀ. */
        Scalar[] frozen(Scalar[] x) {
            return linear(x, Scalar.of(OpSpec.doubles(weight())));
        }

        Scalar[] linear(Scalar[] x, Scalar[] w) {
            return Naive.matmul(x, Naive.transpose(w, out, in), rows, out, in);
        }

        /** s·x·Aᵀ·Bᵀ. */
        Scalar[] lowRank(Scalar[] x, Scalar[] a, Scalar[] b) {
            Scalar[] reduced = Naive.matmul(x, Naive.transpose(a, rank, in), rows, rank, in);
            Scalar[] term = Naive.matmul(reduced, Naive.transpose(b, out, rank), rows, out, rank);
            return Naive.each(term, v -> v.times(SCALING));
        }

        NDArray frozen(NDManager manager, NDArray x) {
            return x.matMul(PyTorch.array(manager, weight()).transpose());
        }

        NDArray lowRank(NDManager manager, NDArray x, NDArray a, NDArray b) {
            return x.matMul(a.transpose()).matMul(b.transpose()).mul(PyTorch.number(manager, SCALING));
        }
    }

    static List<OpSpec> all() {
        return List.of(matmul(), trained(), transposed(), frozen());
    }

    private static Stream<Sample> layers(Function<Layer, Stream<Sample>> samples) {
        return Stream.of(new Layer(1, 1, 1, 1), new Layer(7, 15, 17, 1), new Layer(16, 33, 7, 3),
                new Layer(33, 16, 1, 8), new Layer(15, 1, 33, 17), new Layer(17, 7, 16, 16), new Layer(2, 1000, 3, 4),
                new Layer(0, 5, 3, 2)).flatMap(samples);
    }

    private static OpSpec matmul() {
        return OpSpec.of("LinearOps.matmul",
                Stream.of(new int[] {1, 1, 1}, new int[] {7, 17, 33}, new int[] {33, 7, 1}, new int[] {2, 3, 1000},
                        new int[] {0, 3, 5}, new int[] {3, 0, 5}, new int[] {3, 5, 0})
                        .flatMap(size -> Stream.of(Form.values()).map(form -> matmul(form, size[0], size[1], size[2]))))
                .refuses("matmul: inner dimensions differ, lhs (3, 4), rhs (3, 4) as NN",
                        (tape, x) -> LinearOps.matmul(tape, Form.NN, x[0], x[0]), Tensor.zeros(3, 4))
                .refuses("matmul: inner dimensions differ, lhs (3, 4), rhs (4, 3) as NT",
                        (tape, x) -> LinearOps.matmul(tape, Form.NT, x[0], x[1]), Tensor.zeros(3, 4),
                        Tensor.zeros(4, 3))
                .refuses("matmul: inner dimensions differ, lhs (3, 4), rhs (4, 3) as TN",
                        (tape, x) -> LinearOps.matmul(tape, Form.TN, x[0], x[1]), Tensor.zeros(3, 4),
                        Tensor.zeros(4, 3))
                .refuses("matmul: two matrices expected, lhs (2, 3, 4), rhs (4, 3)",
                        (tape, x) -> LinearOps.matmul(tape, Form.NN, x[0], x[1]), Tensor.zeros(2, 3, 4),
                        Tensor.zeros(4, 3));
    }

    private static Sample matmul(Form form, int m, int n, int k) {
        boolean turnedA = form == Form.TN;
        boolean turnedB = form == Form.NT;
        return Sample.of((tape, x) -> LinearOps.matmul(tape, form, x[0], x[1]),
                x -> Naive.matmul(turnedA ? Naive.transpose(x[0], k, m) : x[0],
                        turnedB ? Naive.transpose(x[1], n, k) : x[1], m, n, k),
                (_, x) -> (turnedA ? x[0].transpose() : x[0]).matMul(turnedB ? x[1].transpose() : x[1]),
                turnedA ? normal("a", k, m) : normal("a", m, k), turnedB ? normal("b", n, k) : normal("b", k, n))
                .with(form.toString());
    }

    private static OpSpec trained() {
        return OpSpec.of("LinearOps.linear", layers(layer -> Stream.of(
                Sample.of((tape, x) -> LinearOps.linear(tape, x[0], x[1], null), x -> layer.linear(x[0], x[1]),
                        (_, x) -> x[0].matMul(x[1].transpose()), layer.x(), layer.weight()).with("trained"),
                Sample.of((tape, x) -> LinearOps.linear(tape, x[0], x[1], x[2]),
                        x -> Naive.plus(layer.linear(x[0], x[1]), x[2]),
                        (_, x) -> x[0].matMul(x[1].transpose()).add(x[2]), layer.x(), layer.weight(), layer.bias())
                        .with("trained with bias"))))
                .refuses("linear: x (4, 5), weight (3, 6)", (tape, x) -> LinearOps.linear(tape, x[0], x[1], null),
                        Tensor.zeros(4, 5), Tensor.zeros(3, 6))
                .refuses("linear: weight (3, 6), bias (4)", (tape, x) -> LinearOps.linear(tape, x[0], x[1], x[2]),
                        Tensor.zeros(4, 6), Tensor.zeros(3, 6), Tensor.zeros(4));
    }

    private static OpSpec frozen() {
        return OpSpec.of("LinearOps.linear", Stream.concat(layers(layer -> Stream.of(
                Sample.of((tape, x) -> LinearOps.linear(tape, x[0], layer.frozen(tape), null, null, NONE),
                        x -> layer.frozen(x[0]), (manager, x) -> layer.frozen(manager, x[0]), layer.x())
                        .with("to " + layer.out + " from"),
                Sample.of((tape, x) -> LinearOps.linear(tape, x[0], layer.frozen(tape), x[1], lowRank(x, 2, 3), NONE),
                        x -> Naive.plus(Naive.plus(layer.frozen(x[0]), x[1]), layer.lowRank(x[2], x[3], x[4])),
                        (manager, x) -> layer.frozen(manager, x[0]).add(x[1]).add(
                                layer.lowRank(manager, x[2], x[3], x[4])),
                        layer.x(), layer.bias(), layer.other(), layer.a(), layer.b())
                        .with("with bias and low rank of another input"),
                afterDropout(layer))), Stream.of(Activation.values()).flatMap(LinearSpecs::activated)))
                .refuses("linear: x (4, 5), weight (3, 6)",
                        (tape, x) -> LinearOps.linear(tape, x[0], new Layer(4, 6, 3, 1).frozen(tape), null, null, NONE),
                        Tensor.zeros(4, 5))
                .refuses("linear: weight (3, 6), bias (4)",
                        (tape, x) -> LinearOps.linear(tape, x[0], new Layer(4, 6, 3, 1).frozen(tape), x[1], null, NONE),
                        Tensor.zeros(4, 6), Tensor.zeros(4))
                .refuses("linear: x (4, 6), weight (3, 6); low rank: x (4, 6), A (2, 6), B (3, 1)",
                        (tape, x) -> LinearOps.linear(tape, x[0], new Layer(4, 6, 3, 1).frozen(tape), null,
                                lowRank(x, 0, 1), NONE),
                        Tensor.zeros(4, 6), Tensor.zeros(2, 6), Tensor.zeros(3, 1));
    }

    /** As LoRA has it: the term's input is the layer's after dropout, so that two gradients meet in x. */
    private static Sample afterDropout(Layer layer) {
        Tensor mask = ElementSpecs.dropped(DROPPED, 3, layer.rows, layer.in);
        return Sample.of((tape, x) -> LinearOps.linear(tape, x[0], layer.frozen(tape), null,
                new LowRank(tape.isTraining() ? ElementOps.dropout(tape, x[0], DROPPED, 3) : x[0], x[1], x[2],
                        SCALING),
                NONE),
                x -> Naive.plus(layer.frozen(x[0]),
                        layer.lowRank(Naive.each(x[0], Scalar.of(OpSpec.doubles(mask)), Scalar::times), x[1], x[2])),
                (manager, x) -> layer.frozen(manager, x[0]).add(
                        layer.lowRank(manager, x[0].mul(PyTorch.array(manager, mask)), x[1], x[2])),
                layer.x(), layer.a(), layer.b()).with("with low rank after dropout");
    }

    /** Of x[input] with A and B from x[a] on. */
    private static LowRank lowRank(Variable[] x, int input, int a) {
        return new LowRank(x[input], x[a], x[a + 1], SCALING);
    }

    private static OpSpec transposed() {
        return OpSpec.of("LinearOps.linearTransposed", layers(layer -> Stream.of(
                Sample.of((tape, x) -> LinearOps.linearTransposed(tape, x[0], x[1], null),
                        x -> Naive.matmul(x[0], x[1], layer.rows, layer.out, layer.in), (_, x) -> x[0].matMul(x[1]),
                        layer.x(), normal("weight", layer.in, layer.out)),
                Sample.of((tape, x) -> LinearOps.linearTransposed(tape, x[0], x[1], x[2]),
                        x -> Naive.plus(Naive.matmul(x[0], x[1], layer.rows, layer.out, layer.in), x[2]),
                        (_, x) -> x[0].matMul(x[1]).add(x[2]), layer.x(), normal("weight", layer.in, layer.out),
                        layer.bias()).with("with bias"))))
                .refuses("linear: x (4, 5), weight (3, 6)",
                        (tape, x) -> LinearOps.linearTransposed(tape, x[0], x[1], null), Tensor.zeros(4, 5),
                        Tensor.zeros(6, 3));
    }

    private static Stream<Sample> activated(Activation activation) {
        UnaryOperator<Scalar> reference = ElementSpecs.reference(activation);
        UnaryOperator<NDArray> oracle = ElementSpecs.oracle(activation);
        return layers(layer -> Stream.of(
                Sample.of((tape, x) -> LinearOps.linear(tape, x[0], layer.frozen(tape), x[1], null, activation),
                        x -> Naive.each(Naive.plus(layer.frozen(x[0]), x[1]), reference),
                        (manager, x) -> oracle.apply(layer.frozen(manager, x[0]).add(x[1])), layer.quiet(),
                        layer.bias()).with(activation + " with bias"),
                Sample.of(
                        (tape, x) -> LinearOps.linear(tape, x[0], layer.frozen(tape), null, lowRank(x, 0, 1),
                                activation),
                        x -> Naive.each(Naive.plus(layer.frozen(x[0]), layer.lowRank(x[0], x[1], x[2])), reference),
                        (manager, x) -> oracle.apply(
                                layer.frozen(manager, x[0]).add(layer.lowRank(manager, x[0], x[1], x[2]))),
                        layer.quiet(), layer.a(), layer.b()).with(activation + " with low rank")));
    }
}
