package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.Rounding.U;
import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static dev.lorikeet.tensor.Rounding.requireWithin;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Chain;
import dev.lorikeet.tensor.DoubleLayerNorm;
import dev.lorikeet.tensor.DoubleMath;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The specification itself, against the formulas in double precision. */
class ScalarKernelsTest {
    private static final Kernels SCALAR = new ScalarKernels();

    @Retention(RetentionPolicy.RUNTIME)
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 15, 16, 17, 31, 33, 127, 1000})
    private @interface AtAwkwardSizes {}

    @AtAwkwardSizes
    void sumAddsInSixteenLanes(int n) {
        float[] x = Values.ORDINARY.row(0, n);
        requireSum(n, run(KernelMethod.SUM, n)[n], i -> x[i]);
    }

    @AtAwkwardSizes
    void dotAddsProductsInSixteenLanes(int n) {
        float[] x = Values.ORDINARY.row(0, n);
        float[] y = Values.ORDINARY.row(1, n);
        requireSum(n, run(KernelMethod.DOT, n)[n], i -> (double) x[i] * y[i]);
    }

    @AtAwkwardSizes
    void maxIsTheLargest(int n) {
        float[] sorted = Values.ORDINARY.row(0, n);
        Arrays.sort(sorted);
        assertThat(run(KernelMethod.MAX, n)[n]).isEqualTo(n == 0 ? Float.NEGATIVE_INFINITY : sorted[n - 1]);
    }

    @Test
    void sumsGoThroughSixteenLanesAndAFixedTree() {
        assertThat(sumOf(0, 1e8f, 1, 0.5f, 16, -1e8f)).isEqualTo(0.5f); // one lane: 0 and 16
        assertThat(sumOf(8, 1e8f, 0, 0.5f, 24, -1e8f)).isEqualTo(0.5f); // another: 8 and 24
        assertThat(sumOf(0, 1e8f, 4, 0.5f, 8, -1e8f)).isEqualTo(0.5f); // first step: 8 to 0
        assertThat(sumOf(0, 1e8f, 2, 0.5f, 4, -1e8f)).isEqualTo(0.5f); // second: 4 to 0
        assertThat(sumOf(0, 1e8f, 1, 0.5f, 2, -1e8f)).isEqualTo(0.5f); // third: 2 to 0
        assertThat(sumOf(0, 1e8f, 2, 0.5f, 1, -1e8f)).isZero(); // 1e8 + 0.5 = 1e8, then 1 to 0
    }

    private static float sumOf(int i, float xi, int j, float xj, int k, float xk) {
        float[] x = new float[40];
        float[] ones = new float[x.length];
        Arrays.fill(ones, 1f);
        x[i] = xi;
        x[j] = xj;
        x[k] = xk;
        float sum = SCALAR.sum(x.length, x, 0);
        assertThat(SCALAR.dot(x.length, x, 0, ones, 0)).isEqualTo(sum);
        return sum;
    }

    @AtAwkwardSizes
    void expScalesAndShiftsAndGivesTheSum(int n) {
        float[] x = Values.ORDINARY.row(0, n);
        // 2 ulp of the function, and the rounding of its argument
        requireRow(KernelMethod.EXP, n, i -> Math.exp(argument(x[i])),
                i -> Math.exp(argument(x[i])) * U * (4 + Math.abs(argument(x[i]))));
        float[] y = run(KernelMethod.EXP, n);
        requireSum(n, y[n], i -> y[i]);
    }

    private static double argument(float x) {
        return (double) KernelMethod.At.SCALE * x - KernelMethod.At.SHIFT;
    }

    /** {@code roundings} of the derivative: σ has those of exp, of its argument, of a sum and a quotient. */
    private record Activation(KernelMethod forward, DoubleUnaryOperator function, KernelMethod backward,
            DoubleUnaryOperator derivative, int roundings) {
        static Stream<Activation> all() {
            return Stream.of(
                    new Activation(KernelMethod.GELU, DoubleMath::gelu, KernelMethod.GELU_BACKWARD,
                            DoubleMath::geluDerivative, 4),
                    new Activation(KernelMethod.GELU_TANH, DoubleMath::geluTanh, KernelMethod.GELU_TANH_BACKWARD,
                            DoubleMath::geluTanhDerivative, 8),
                    new Activation(KernelMethod.SILU, DoubleMath::silu, KernelMethod.SILU_BACKWARD,
                            DoubleMath::siluDerivative, 8));
        }

        void require(float[] x, float[] dy) {
            requireWithin(x.length, forward.run(SCALAR, x, x, x), i -> function.applyAsDouble(x[i]),
                    i -> 4 * U * Math.abs(x[i]));
            requireWithin(x.length, backward.run(SCALAR, x, dy, x), i -> dy[i] * derivative.applyAsDouble(x[i]),
                    i -> roundings * U * Math.abs(dy[i]));
        }
    }

    static Stream<Arguments> activations() {
        return Activation.all().map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("activations")
    void activationsAndTheirDerivativesAreTheFormulas(Activation activation) {
        for (int n : new int[] {0, 1, 7, 15, 16, 17, 31, 33, 127, 1000}) {
            activation.require(Values.ORDINARY.row(0, n), Values.ORDINARY.row(1, n));
        }
        int n = 4001; // as close far from zero
        float[] x = new float[n];
        float[] ones = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (i - 2000) / 50f;
            ones[i] = 1f;
        }
        activation.require(x, ones);
    }

    @ParameterizedTest
    @MethodSource("activations")
    void activationsEndInTheIdentityAndZero(Activation activation) {
        float[] x = {1e10f, -1e10f, 1e20f, -1e20f, Float.MAX_VALUE, -Float.MAX_VALUE, 0f, -0f};
        float[] ones = {1, 1, 1, 1, 1, 1, 1, 1};
        assertThat(Arrays.copyOf(activation.forward.run(SCALAR, x, x, x), x.length)).usingComparatorWithPrecision(0f)
                .containsExactly(1e10f, 0f, 1e20f, 0f, Float.MAX_VALUE, 0f, 0f, 0f);
        assertThat(Arrays.copyOf(activation.backward.run(SCALAR, x, ones, x), x.length)).usingComparatorWithPrecision(
                1e-30f).containsExactly(1f, 0f, 1f, 0f, 1f, 0f, 0.5f, 0.5f);
    }

    @AtAwkwardSizes
    void tanhIsTheHyperbolicTangent(int n) {
        float[] x = Values.ORDINARY.row(0, n);
        requireRow(KernelMethod.TANH, n, i -> Math.tanh(x[i]), i -> 4 * U * Math.abs(Math.tanh(x[i])));
    }

    @AtAwkwardSizes
    void erfAndLogAreTheFunctions(int n) {
        float[] x = Values.ORDINARY.row(0, n);
        requireRow(KernelMethod.ERF, n, i -> DoubleMath.erf(x[i]), i -> 4 * U * Math.abs(DoubleMath.erf(x[i])));
        float[] positive = x.clone();
        for (int i = 0; i < n; i++) {
            positive[i] = x[i] * x[i];
        }
        requireWithin(n, KernelMethod.LOG.run(SCALAR, positive, x, x), i -> Math.log(positive[i]),
                i -> 4 * U * Math.abs(Math.log(positive[i])));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 15, 16, 17, 31, 33, 127, 1000}) // there is no mean of nothing
    void layerNormIsTheFormula(int n) {
        layerNorm(n).requireForward(run(KernelMethod.LAYER_NORM, n), Values.ORDINARY.row(2, n));
    }

    @AtAwkwardSizes
    void layerNormBackwardIsTheDerivative(int n) {
        layerNorm(n).requireBackward(run(KernelMethod.LAYER_NORM_BACKWARD, n), Values.ORDINARY.row(2, n));
    }

    private static DoubleLayerNorm layerNorm(int n) {
        return DoubleLayerNorm.of(Values.ORDINARY.row(0, n), Values.ORDINARY.row(1, n), KernelMethod.At.EPS);
    }

    @ParameterizedTest
    @EnumSource(names = ".*_IN_PLACE", mode = EnumSource.Mode.MATCH_ALL)
    void anInputMayBeTheOutput(KernelMethod inPlace) {
        KernelMethod method = KernelMethod.valueOf(inPlace.name().replace("_IN_PLACE", ""));
        requireSameBits(run(inPlace, 37), run(method, 37));
    }

    @ParameterizedTest
    @MethodSource("dev.lorikeet.tensor.kernel.KernelProduct#all")
    void matmulIsTheProduct(KernelProduct product) {
        int size = product.m() * product.n();
        Chain start = product.accumulate() ? Chain.from(product.c(Values.ORDINARY), size) : Chain.zeros(size);
        start.plus(product.a(Values.ORDINARY), product.b(Values.ORDINARY))
                .requireClose(product.run(SCALAR, Values.ORDINARY));
        requireSameBits(product.runByColumns(SCALAR, Values.ORDINARY), product.run(SCALAR, Values.ORDINARY));
    }

    @Test
    void matmulAddsChainsOfFusedMultiplyAdds() {
        assertThat(sumOfProducts(0, 1e8f, 1, 0.5f, 2, -1e8f)).isZero(); // one chain in the order of k
        assertThat(sumOfProducts(0, 1e8f, 1, -1e8f, 2, 0.5f)).isEqualTo(0.5f);
        assertThat(sumOfProducts(126, 1e8f, 127, -1e8f, 128, 0.5f)).isEqualTo(0.5f); // chains of 128
        assertThat(sumOfProducts(127, 1e8f, 128, 0.5f, 129, -1e8f)).isZero();
        assertThat(sumOfProducts(127, 1e8f, 128, -1e8f, 129, 0.5f)).isZero(); // the second starts from zero
        assertThat(sumOfProducts(0, 0.5f, 128, 1e8f, 256, -1e8f)).isZero(); // added up in their order
        assertThat(sumOfProducts(0, 1e8f, 128, -1e8f, 256, 0.5f)).isEqualTo(0.5f);
        float[] factors = {1 + 0x1p-12f, 1};
        float[] others = {1 + 0x1p-12f, -1 - 0x1p-11f};
        float[] c = new float[1];
        SCALAR.matmul(1, 1, 2, others, 0, 2, factors, 0, 1, c, 0, 1, false);
        float turned = c[0];
        SCALAR.matmul(1, 1, 2, new float[] {others[1], others[0]}, 0, 2, new float[] {1, factors[0]}, 0, 1, c, 0, 1,
                false);
        assertThat(c[0]).isEqualTo(0x1p-24f); // which a product rounded by itself would lose
        assertThat(turned).isZero();
    }

    @Test
    void matmulAddsTheFirstChainToC() {
        float[] c = {1e8f};
        SCALAR.matmul(1, 1, 2, new float[] {0.5f, -1e8f}, 0, 2, new float[] {1, 1}, 0, 1, c, 0, 1, true);
        assertThat(c[0]).isZero();
        c[0] = 1e8f;
        SCALAR.matmul(1, 1, 2, new float[] {-1e8f, 0.5f}, 0, 2, new float[] {1, 1}, 0, 1, c, 0, 1, true);
        assertThat(c[0]).isZero(); // its own sum first, 0.5 is lost there
    }

    /** The sum of three products, the others are zero. */
    private static float sumOfProducts(int p, float ap, int q, float aq, int r, float ar) {
        float[] a = new float[300];
        float[] ones = new float[a.length];
        Arrays.fill(ones, 1f);
        a[p] = ap;
        a[q] = aq;
        a[r] = ar;
        float[] c = {Float.NaN};
        SCALAR.matmul(1, 1, a.length, a, 0, a.length, ones, 0, 1, c, 0, 1, false);
        return c[0];
    }

    /** Requires the first n values of what {@code method} gives to be close to {@code expected}. */
    private static void requireRow(KernelMethod method, int n, IntToDoubleFunction expected,
            IntToDoubleFunction bound) {
        requireWithin(n, run(method, n), expected, bound);
    }

    private static float[] run(KernelMethod method, int n) {
        return method.run(SCALAR, n, Values.ORDINARY);
    }

    /** Requires the sum of n terms to be as close as ⌈n/16⌉ additions in a lane and four in the tree allow. */
    private static void requireSum(int n, float actual, IntToDoubleFunction term) {
        double sum = IntStream.range(0, n).mapToDouble(term).sum();
        double magnitude = IntStream.range(0, n).mapToDouble(term).map(Math::abs).sum();
        requireWithin(1, new float[] {actual}, i -> sum, i -> (Math.ceilDiv(n, 16) + 4) * U * magnitude);
    }
}
