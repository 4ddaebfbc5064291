package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OpSpec.normal;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.norm.LayerNorm;
import dev.lorikeet.autograd.OpSpec.Sample;
import dev.lorikeet.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;

/** The normalisations of {@link ElementOps}. */
final class NormSpecs {
    private static final float EPS = 1e-5f;
    /** For rows of a single element, which beside a small one are but for rounding ±1 or 0, whatever they were. */
    private static final float LARGE_EPS = 0.5f;

    private NormSpecs() {}

    static List<OpSpec> all() {
        return List.of(layerNorm(), rmsNorm());
    }

    private static Stream<int[]> sizes() {
        return Stream.of(new int[] {33, 1}, new int[] {27, 7}, new int[] {19, 15}, new int[] {18, 16},
                new int[] {2, 3, 17}, new int[] {1, 33}, new int[] {2, 1000}, new int[] {0, 7});
    }

    private static float eps(int n) {
        return n == 1 ? LARGE_EPS : EPS;
    }

    private static OpSpec layerNorm() {
        return OpSpec.of("ElementOps.layerNorm", sizes().flatMap(dims -> {
            int n = dims[dims.length - 1];
            Tensor x = normal("x", dims);
            Tensor gamma = normal("gamma", n);
            Tensor beta = normal("beta", n);
            return Stream.of(
                    Sample.of((tape, in) -> ElementOps.layerNorm(tape, in[0], null, in[1], in[2], eps(n)),
                            in -> layerNorm(in[0], in[1], in[2]), (_, in) -> layerNorm(in[0], in[1], in[2]), x, gamma,
                            beta),
                    Sample.of((tape, in) -> ElementOps.layerNorm(tape, in[0], in[1], in[2], in[3], eps(n)),
                            in -> layerNorm(Naive.plus(in[0], in[1]), in[2], in[3]),
                            (_, in) -> layerNorm(in[0].add(in[1]), in[2], in[3]), x, normal("y", dims), gamma, beta)
                            .with("with residual"),
                    Sample.of((tape, in) -> ElementOps.layerNorm(tape, in[0], in[0], in[1], in[2], eps(n)),
                            in -> layerNorm(Naive.plus(in[0], in[0]), in[1], in[2]),
                            (_, in) -> layerNorm(in[0].add(in[0]), in[1], in[2]), x, gamma, beta)
                            .with("with itself"));
        })).refuses("layerNorm: shapes differ, x (2, 3), residual (3, 2)",
                (tape, x) -> ElementOps.layerNorm(tape, x[0], x[1], x[2], x[2], EPS), Tensor.zeros(2, 3),
                Tensor.zeros(3, 2), Tensor.zeros(3))
                .refuses("layerNorm: x (2, 3), gamma (4), beta (3)",
                        (tape, x) -> ElementOps.layerNorm(tape, x[0], null, x[1], x[2], EPS), Tensor.zeros(2, 3),
                        Tensor.zeros(4), Tensor.zeros(3))
                .refuses("layerNorm: x (2, 3), gamma (3), beta (2, 3)",
                        (tape, x) -> ElementOps.layerNorm(tape, x[0], null, x[1], x[2], EPS), Tensor.zeros(2, 3),
                        Tensor.zeros(3), Tensor.zeros(2, 3));
    }

    private static Scalar[] layerNorm(Scalar[] x, Scalar[] gamma, Scalar[] beta) {
        return Naive.rows(x, gamma.length, row -> Naive.layerNorm(row, gamma, beta, eps(gamma.length)));
    }

    private static NDArray layerNorm(NDArray x, NDArray gamma, NDArray beta) {
        return LayerNorm.layerNorm(x, gamma.getShape(), gamma, beta, eps((int) gamma.size())).singletonOrThrow();
    }

    private static OpSpec rmsNorm() {
        return OpSpec.of("ElementOps.rmsNorm", sizes().map(dims -> {
            int n = dims[dims.length - 1];
            return Sample.of((tape, in) -> ElementOps.rmsNorm(tape, in[0], in[1], eps(n)),
                    in -> Naive.rows(in[0], n, row -> Naive.rmsNorm(row, in[1], eps(n))), (manager, in) -> {
                        NDArray squares = in[0].mul(in[0]).mean(new int[] {-1}, true);
                        return in[0].div(squares.add(PyTorch.number(manager, eps(n))).sqrt()).mul(in[1]);
                    }, normal("x", dims), normal("gamma", n));
        })).refuses("rmsNorm: x (2, 3), gamma (4)", (tape, x) -> ElementOps.rmsNorm(tape, x[0], x[1], EPS),
                Tensor.zeros(2, 3), Tensor.zeros(4));
    }
}
