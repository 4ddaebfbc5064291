package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OpSpec.normal;

import ai.djl.ndarray.NDArray;
import dev.lorikeet.autograd.OpSpec.Sample;
import dev.lorikeet.tensor.Tensor;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** {@link ReductionOps}: of everything, and over the last axis. */
final class ReductionSpecs {
    private ReductionSpecs() {}

    static List<OpSpec> all() {
        return List.of(whole("sum", ReductionOps::sum, Naive::sum, NDArray::sum, new int[] {0}),
                whole("mean", ReductionOps::mean, Naive::mean, NDArray::mean),
                whole("norm", ReductionOps::norm, ReductionSpecs::norm, NDArray::norm, new int[] {0}),
                rows("softmax", ReductionOps::softmax, Naive::softmax, x -> x.softmax(-1)),
                rows("logSoftmax", ReductionOps::logSoftmax, Naive::logSoftmax, x -> x.logSoftmax(-1)),
                rows("rowNorms", ReductionOps::rowNorms, x -> new Scalar[] {norm(x)},
                        x -> x.mul(x).sum(new int[] {-1}).sqrt()),
                rows("normalize", ReductionOps::normalize, Naive::normalize, x -> x.normalize(2, -1)), rowDots());
    }

    private static Scalar norm(Scalar... x) {
        return Naive.sum(Naive.each(x, v -> v.times(v))).sqrt();
    }

    private static OpSpec whole(String name, BiFunction<Tape, Variable, Variable> operation,
            Function<Scalar[], Scalar> reference, UnaryOperator<NDArray> oracle, int[]... more) {
        Stream<int[]> sizes = Stream.concat(Stream.of(more),
                Stream.of(new int[] {}, new int[] {1}, new int[] {3, 7}, new int[] {17}, new int[] {2, 3, 33},
                        new int[] {1000}));
        return OpSpec.of("ReductionOps." + name, sizes.map(dims -> Sample.of((tape, x) -> operation.apply(tape, x[0]),
                x -> new Scalar[] {reference.apply(x[0])}, (_, x) -> oracle.apply(x[0]), normal("x", dims))));
    }

    private static OpSpec rows(String name, BiFunction<Tape, Variable, Variable> operation,
            UnaryOperator<Scalar[]> reference, UnaryOperator<NDArray> oracle) {
        return OpSpec.of("ReductionOps." + name,
                Stream.of(new int[] {0, 3}, new int[] {1, 1}, new int[] {7}, new int[] {3, 17}, new int[] {2, 5, 33},
                        new int[] {2, 1000})
                        .map(dims -> Sample.of((tape, x) -> operation.apply(tape, x[0]),
                                x -> Naive.rows(x[0], dims[dims.length - 1], reference), (_, x) -> oracle.apply(x[0]),
                                normal("x", dims))))
                .refuses(name + ": x () has no axis", (tape, x) -> operation.apply(tape, x[0]), Tensor.zeros());
    }

    private static OpSpec rowDots() {
        return OpSpec.of("ReductionOps.rowDots",
                Stream.of(new int[] {0, 3}, new int[] {1, 1}, new int[] {7}, new int[] {3, 17}, new int[] {2, 5, 33},
                        new int[] {2, 1000})
                        .map(dims -> Sample.of((tape, x) -> ReductionOps.rowDots(tape, x[0], x[1]),
                                x -> Naive.rowDots(x[0], x[1], dims[dims.length - 1]),
                                (_, x) -> x[0].mul(x[1]).sum(new int[] {-1}), normal("x", dims), normal("y", dims))))
                .refuses("rowDots: x () has no axis", (tape, x) -> ReductionOps.rowDots(tape, x[0], x[0]),
                        Tensor.zeros())
                .refuses("rowDots: shapes differ, x (2, 3), y (3, 2)",
                        (tape, x) -> ReductionOps.rowDots(tape, x[0], x[1]), Tensor.zeros(2, 3), Tensor.zeros(3, 2));
    }
}
