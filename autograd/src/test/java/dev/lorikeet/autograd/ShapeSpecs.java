package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OpSpec.normal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.lorikeet.autograd.OpSpec.Sample;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** {@link ShapeOps}: what becomes of each element is a matter of indices. */
final class ShapeSpecs {
    private ShapeSpecs() {}

    static List<OpSpec> all() {
        return List.of(columns(), reshape(), slice(), concat(), gather(), scatterAdd());
    }

    private static OpSpec columns() {
        return OpSpec.of("ShapeOps.columns",
                Stream.of(new int[] {5, 9, 0, 9}, new int[] {7, 17, 3, 10}, new int[] {33, 7, 6, 7},
                        new int[] {1, 1, 0, 1}, new int[] {3, 4, 2, 2}, new int[] {0, 4, 1, 3},
                        new int[] {2, 1000, 17, 950})
                        .map(c -> {
                            int width = c[3] - c[2];
                            return Sample.of((tape, x) -> ShapeOps.columns(tape, x[0], c[2], c[3]),
                                    x -> Naive.pick(x[0], IntStream.range(0, c[0] * width)
                                            .map(i -> i / Math.max(1, width) * c[1] + c[2] + i % Math.max(1, width))),
                                    (_, x) -> x[0].get(new NDIndex(":, {}:{}", c[2], c[3])), normal("x", c[0], c[1]))
                                    .with(c[2] + " to " + c[3] + " of");
                        }))
                .refuses("columns: [1, 4) of (2, 3)", IndexOutOfBoundsException.class,
                        (tape, x) -> ShapeOps.columns(tape, x[0], 1, 4), Tensor.zeros(2, 3))
                .refuses("columns: [-1, 2) of (2, 3)", IndexOutOfBoundsException.class,
                        (tape, x) -> ShapeOps.columns(tape, x[0], -1, 2), Tensor.zeros(2, 3))
                .refuses("columns: [2, 1) of (2, 3)", IndexOutOfBoundsException.class,
                        (tape, x) -> ShapeOps.columns(tape, x[0], 2, 1), Tensor.zeros(2, 3));
    }

    private static OpSpec reshape() {
        return OpSpec.of("ShapeOps.reshape",
                reshape(normal("x", 3, 4), 2, 6), reshape(normal("x", 2, 3, 7), 42), reshape(normal("x", 17), 17, 1),
                reshape(normal("x", 1000), 10, 100), reshape(normal("x", 1)), reshape(normal("x"), 1, 1),
                reshape(normal("x", 0, 3), 5, 0))
                .refuses("reshape: (2, 3) has 6 elements, (4) has 4", (tape, x) -> ShapeOps.reshape(tape, x[0], 4),
                        Tensor.zeros(2, 3));
    }

    private static Sample reshape(Tensor x, int... dims) {
        return Sample.of((tape, in) -> ShapeOps.reshape(tape, in[0], dims), in -> in[0],
                (_, in) -> in[0].reshape(PyTorch.shape(dims)), x).with("to " + Arrays.toString(dims) + " from");
    }

    private static OpSpec slice() {
        return OpSpec.of("ShapeOps.slice",
                slice(normal("x", 7, 5), 0, 2, 6), slice(normal("x", 7, 5), 1, 1, 4),
                slice(normal("x", 7, 5), -1, 4, 5),
                slice(normal("x", 3, 4, 5), 1, 1, 3), slice(normal("x", 3, 4, 5), -3, 0, 3),
                slice(normal("x", 1000), 0, 33, 950), slice(normal("x", 1), 0, 0, 1), slice(normal("x", 4, 3), 0, 2, 2),
                slice(normal("x", 0, 3), 1, 1, 2))
                .refuses("slice: [1, 4) of axis 1 of (2, 3)", IndexOutOfBoundsException.class,
                        (tape, x) -> ShapeOps.slice(tape, x[0], 1, 1, 4), Tensor.zeros(2, 3))
                .refuses("slice: [-1, 1) of axis 0 of (2, 3)", IndexOutOfBoundsException.class,
                        (tape, x) -> ShapeOps.slice(tape, x[0], 0, -1, 1), Tensor.zeros(2, 3))
                .refuses("slice: axis 2 of (2, 3)", IndexOutOfBoundsException.class,
                        (tape, x) -> ShapeOps.slice(tape, x[0], 2, 0, 1), Tensor.zeros(2, 3));
    }

    private static Sample slice(Tensor x, int axis, int from, int to) {
        int at = axis < 0 ? axis + x.shape().rank() : axis;
        return Sample.of((tape, in) -> ShapeOps.slice(tape, in[0], axis, from, to),
                in -> Naive.pick(in[0], IntStream.range(0, x.size()).filter(i -> {
                    int index = i / inner(x, at) % x.dim(at);
                    return index >= from && index < to;
                })), (_, in) -> in[0].get(new NDIndex(":, ".repeat(at) + from + ":" + to)), x)
                .with(from + " to " + to + " along " + axis + " of");
    }

    private static int inner(Tensor x, int axis) {
        return Arrays.stream(x.shape().dims(), axis + 1, x.shape().rank()).reduce(1, (a, b) -> a * b);
    }

    private static OpSpec concat() {
        return OpSpec.of("ShapeOps.concat",
                concat(0, normal("x", 3, 5), normal("y", 1, 5), normal("z", 7, 5)),
                concat(1, normal("x", 3, 5), normal("y", 3, 1), normal("z", 3, 17)),
                concat(-1, normal("x", 7), normal("y", 1000)), concat(-2, normal("x", 2, 3, 4), normal("y", 2, 5, 4)),
                concat(0, normal("x", 3)), concat(0, normal("x", 0, 3), normal("y", 2, 3)),
                concat(1, normal("x", 0, 3), normal("y", 0, 2)),
                Sample.of((tape, x) -> ShapeOps.concat(tape, 0, x[0], x[0]),
                        x -> Stream.of(x[0], x[0]).flatMap(Arrays::stream).toArray(Scalar[]::new),
                        (_, x) -> PyTorch.concat(0, x[0], x[0]), normal("x", 5, 3)).with("itself"))
                .refuses("concat: shapes differ beside axis 0, first (2, 3), other (2, 4)",
                        (tape, x) -> ShapeOps.concat(tape, 0, x), Tensor.zeros(2, 3), Tensor.zeros(2, 4))
                .refuses("concat: shapes differ beside axis 1, first (2, 3), other (3)",
                        (tape, x) -> ShapeOps.concat(tape, 1, x), Tensor.zeros(2, 3), Tensor.zeros(3))
                .refuses("concat: at least one input expected", (tape, x) -> ShapeOps.concat(tape, 0, x))
                .refuses("concat: axis -3 of (2, 3)", IndexOutOfBoundsException.class,
                        (tape, x) -> ShapeOps.concat(tape, -3, x), Tensor.zeros(2, 3));
    }

    private static Sample concat(int axis, Tensor... inputs) {
        int at = axis < 0 ? axis + inputs[0].shape().rank() : axis;
        int outer = Arrays.stream(inputs[0].shape().dims(), 0, at).reduce(1, (a, b) -> a * b);
        return Sample.of((tape, x) -> ShapeOps.concat(tape, axis, x),
                x -> IntStream.range(0, outer)
                        .mapToObj(row -> Arrays.stream(x).flatMap(part -> Arrays.stream(part,
                                row * part.length / outer, (row + 1) * part.length / outer)))
                        .flatMap(parts -> parts).toArray(Scalar[]::new),
                (_, x) -> PyTorch.concat(at, x), inputs).with("along " + axis);
    }

    private static OpSpec gather() {
        return OpSpec.of("ShapeOps.gather",
                gather(normal("x", 7, 17), 2, 0, 6, 2, 5, 0, 2), gather(normal("x", 1, 1), 0),
                gather(normal("x", 3, 1000), 2), gather(normal("x", 33, 7), 32, 0), gather(normal("x", 3, 5)))
                .refuses("gather: index 4 is not one of 4 rows",
                        (tape, x) -> ShapeOps.gather(tape, x[0], new int[] {0, 4}), Tensor.zeros(4, 3))
                .refuses("gather: index -1 is not one of 4 rows",
                        (tape, x) -> ShapeOps.gather(tape, x[0], new int[] {-1}), Tensor.zeros(4, 3))
                .refuses("gather: a matrix expected, x (4)", (tape, x) -> ShapeOps.gather(tape, x[0], new int[] {0}),
                        Tensor.zeros(4));
    }

    private static Sample gather(Tensor x, int... index) {
        int n = x.dim(1);
        return Sample.of((tape, in) -> ShapeOps.gather(tape, in[0], index),
                in -> Naive.pick(in[0], IntStream.range(0, index.length * n).map(i -> index[i / n] * n + i % n)),
                (manager, in) -> oneHot(manager, index, x.dim(0)).matMul(in[0]), x).with(index.length + " of");
    }

    /** (index.length, rows), with a one in each row. */
    static NDArray oneHot(NDManager manager, int[] index, int rows) {
        Tensor hot = Tensor.zeros(index.length, rows);
        for (int i = 0; i < index.length; i++) {
            hot.data()[i * rows + index[i]] = 1;
        }
        return PyTorch.array(manager, hot);
    }

    private static OpSpec scatterAdd() {
        return OpSpec.of("ShapeOps.scatterAdd",
                scatterAdd(17, 7, 2, 0, 6, 2, 5, 0, 2), scatterAdd(1, 1, 0), scatterAdd(1000, 3, 2, 2),
                scatterAdd(7, 33, 32, 0), scatterAdd(5, 3))
                .refuses("scatterAdd: index 4 is not one of 4 rows",
                        (tape, x) -> ShapeOps.scatterAdd(tape, x[0], new int[] {0, 4}, 4), Tensor.zeros(2, 3))
                .refuses("scatterAdd: 1 indices for x (2, 3)",
                        (tape, x) -> ShapeOps.scatterAdd(tape, x[0], new int[] {0}, 4), Tensor.zeros(2, 3))
                .refuses("scatterAdd: a matrix expected, x (4)",
                        (tape, x) -> ShapeOps.scatterAdd(tape, x[0], new int[] {0}, 4), Tensor.zeros(4));
    }

    private static Sample scatterAdd(int n, int rows, int... index) {
        return Sample.of((tape, x) -> ShapeOps.scatterAdd(tape, x[0], index, rows), x -> {
            Scalar[] y = Scalar.of(new double[rows * n]);
            for (int i = 0; i < index.length * n; i++) {
                int to = index[i / n] * n + i % n;
                y[to] = y[to].plus(x[0][i]);
            }
            return y;
        }, (manager, x) -> oneHot(manager, index, rows).transpose().matMul(x[0]), normal("x", index.length, n))
                .with("to " + rows + " rows from");
    }
}
