package dev.lorikeet.tensor.packed;

import static dev.lorikeet.tensor.Rounding.U;
import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static dev.lorikeet.tensor.Rounding.requireWithin;
import static dev.lorikeet.tensor.kernel.Values.ORDINARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Chain;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.DoubleMath;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.kernel.ScalarKernels;
import dev.lorikeet.tensor.kernel.Values;
import dev.lorikeet.tensor.kernel.VectorKernels;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EpilogueTest {
    private static final List<Compute> COMPUTES = List.of(new Cpu(new ScalarKernels(), new Workers(1)),
            new Cpu(new ScalarKernels(), new Workers(3)), new Cpu(new VectorKernels(), new Workers(1)),
            new Cpu(new VectorKernels(), new Workers(3)));
    private static final float SCALE = 0.3f;
    /** Each part is there or not, and C is overwritten or added to. */
    private static final int COMBINATIONS = 1 << 5;

    /** What a product (m, k)·(k, n) may take; the bits of {@code parts} say what of it. */
    private record Operands(Tensor a, Tensor b, Tensor h, Tensor l, Tensor bias, Tensor residual, Tensor start) {
        static Operands of(int m, int n, int k) {
            int rank = 5;
            return new Operands(ORDINARY.tensor(0, m, k), ORDINARY.tensor(1, k, n), ORDINARY.tensor(4, m, rank),
                    ORDINARY.tensor(5, rank, n), ORDINARY.tensor(2, n), ORDINARY.tensor(6, m, n),
                    ORDINARY.tensor(3, m, n));
        }

        Tensor product(Compute compute, int parts, UnaryOperator<Epilogue> more, Tensor c) {
            Epilogue epilogue = Epilogue.none();
            epilogue = (parts & 1) == 0 ? epilogue : epilogue.withScale(SCALE);
            epilogue = (parts & 2) == 0 ? epilogue : epilogue.withLowRank(h, l);
            epilogue = (parts & 4) == 0 ? epilogue : epilogue.withBias(bias);
            epilogue = (parts & 8) == 0 ? epilogue : epilogue.withResidual(residual);
            boolean accumulate = (parts & 16) != 0;
            if (accumulate) {
                c.set(start);
            } else {
                c.fill(Float.NaN);
            }
            PackedProduct.multiply(compute, a, PackedMatrix.of(compute.kernels(), b), more.apply(epilogue), c,
                    accumulate);
            return c;
        }

        float[] product(Compute compute, int parts) {
            return product(compute, parts, UnaryOperator.identity(), c()).toArray();
        }

        Chain expected(int parts) {
            Chain sums = Chain.zeros(start.size()).plus(a, b);
            sums = (parts & 1) == 0 ? sums : sums.times(SCALE);
            sums = (parts & 2) == 0 ? sums : sums.plus(h, l);
            sums = (parts & 4) == 0 ? sums : sums.plus(bias);
            sums = (parts & 8) == 0 ? sums : sums.plus(residual);
            return (parts & 16) == 0 ? sums : sums.plus(start);
        }

        Tensor c() {
            return Values.unset(start.shape().dims());
        }
    }

    /** Sizes on both sides of a task and of a chain. */
    @ParameterizedTest
    @CsvSource({"0,5,3", "5,0,3", "3,5,0", "1,1,1", "7,15,16", "49,129,257", "97,257,33"})
    void everyCombinationIsTheFormula(int m, int n, int k) {
        Operands operands = Operands.of(m, n, k);
        for (int parts = 0; parts < COMBINATIONS; parts++) {
            float[] c = operands.product(COMPUTES.getFirst(), parts);
            operands.expected(parts).requireClose(c);
            for (Compute compute : COMPUTES) {
                requireSameBits(operands.product(compute, parts), c);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0,5,3", "1,1,1", "7,15,16", "49,129,17", "97,257,9"})
    void everyActivationIsOfTheFinishedSums(int m, int n, int k) {
        Operands operands = Operands.of(m, n, k);
        for (int parts = 0; parts < COMBINATIONS; parts++) {
            float[] sums = operands.product(COMPUTES.getFirst(), parts);
            for (Activation activation : Activation.values()) {
                float[] expected = activated(operands, COMPUTES.getFirst(), parts, activation, sums);
                requireWithin(sums.length, expected, i -> exact(activation, sums[i]), i -> 5 * U * Math.abs(sums[i]));
                for (Compute compute : COMPUTES) {
                    requireSameBits(activated(operands, compute, parts, activation, sums), expected);
                }
            }
        }
    }

    /** Beside C, which keeps its bits, and in place. */
    private static float[] activated(Operands operands, Compute compute, int parts, Activation activation,
            float[] sums) {
        Tensor c = operands.c();
        Tensor beside = operands.c();
        operands.product(compute, parts, epilogue -> epilogue.withActivated(activation, beside), c);
        requireSameBits(c.toArray(), sums);
        operands.product(compute, parts, epilogue -> epilogue.withActivated(activation, c), c);
        requireSameBits(c.toArray(), beside.toArray());
        return beside.toArray();
    }

    private static double exact(Activation activation, double x) {
        return switch (activation) {
            case NONE -> x;
            case RELU -> Math.max(x, 0);
            case TANH -> Math.tanh(x);
            case GELU -> DoubleMath.gelu(x);
            case GELU_TANH -> DoubleMath.geluTanh(x);
            case SILU -> DoubleMath.silu(x);
        };
    }

    /** 2²⁴ + 1 is rounded to 2²⁴: in another order, more or less than the residual would be left. */
    @Test
    void theTermsAreAddedInTheOrderOfTheFormula() {
        for (Compute compute : COMPUTES) {
            Tensor c = Values.unset(1, 1);
            Epilogue epilogue = Epilogue.none().withResidual(scalar(0.5f)).withBias(scalar(-0x1p24f))
                    .withLowRank(scalar(1f), scalar(1f)).withScale(0x1p4f);
            PackedProduct.multiply(compute, scalar(0x1p20f), PackedMatrix.of(compute.kernels(), scalar(1f)), epilogue,
                    c, false);
            assertThat(c.toArray()).containsExactly(0.5f);
        }
    }

    private static Tensor scalar(float value) {
        return Tensor.of(new float[] {value}, 1, 1);
    }

    @Test
    void aMistakeInAShapeIsNamedWithTheShapes() {
        Tensor a = Tensor.zeros(4, 6);
        Tensor c = Tensor.zeros(4, 7);
        Epilogue none = Epilogue.none();
        requireRefusal(Tensor.zeros(4, 5), none, c, "matmul: inner dimensions differ, lhs (4, 5), rhs (6, 7)");
        requireMisfit(a, none, Tensor.zeros(4, 8), "result (4, 8)");
        requireMisfit(a, none, Tensor.zeros(3, 7), "result (3, 7)");
        requireMisfit(a, none.withBias(Tensor.zeros(6)), c, "bias (6)");
        requireMisfit(a, none.withLowRank(Tensor.zeros(3, 2), Tensor.zeros(2, 7)), c, "low-rank term (3, 2)·(2, 7)");
        requireMisfit(a, none.withLowRank(Tensor.zeros(4, 2), Tensor.zeros(3, 7)), c, "low-rank term (4, 2)·(3, 7)");
        requireMisfit(a, none.withLowRank(Tensor.zeros(4, 2), Tensor.zeros(2, 6)), c, "low-rank term (4, 2)·(2, 6)");
        requireMisfit(a, none.withResidual(Tensor.zeros(7, 4)), c, "residual (7, 4)");
        requireMisfit(a, none.withActivated(Activation.SILU, Tensor.zeros(4, 6)), c, "activated (4, 6)");
        requireRefusal(a, none.withResidual(c), c,
                "matmul: the residual (4, 7) is the result itself, to which a product that accumulates adds");
    }

    private static void requireMisfit(Tensor a, Epilogue epilogue, Tensor c, String part) {
        requireRefusal(a, epilogue, c, "matmul: " + part + " does not fit lhs (4, 6), rhs (6, 7)");
    }

    private static void requireRefusal(Tensor a, Epilogue epilogue, Tensor c, String message) {
        Compute compute = COMPUTES.getFirst();
        PackedMatrix b = PackedMatrix.of(compute.kernels(), Tensor.zeros(6, 7));
        for (boolean accumulate : new boolean[] {false, true}) {
            assertThatThrownBy(() -> PackedProduct.multiply(compute, a, b, epilogue, c, accumulate))
                    .isInstanceOf(IllegalArgumentException.class).hasMessage(message);
        }
    }
}
