package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.Rounding.U;
import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static dev.lorikeet.tensor.Rounding.requireWithin;
import static dev.lorikeet.tensor.kernel.Values.ORDINARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Rotary.Order;
import dev.lorikeet.tensor.kernel.Values;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RotaryTest {
    private static final Compute COMPUTE = Cpu.shared();
    private static final int ROWS = 70;
    private static final int HEADS = 3;
    private static final int D = 14;
    private static final int PAIRS = 5; // of 7: the last four elements of a head stay
    private static final int[] POSITIONS = IntStream.range(0, ROWS).map(i -> i * 37 % 500).toArray();

    @ParameterizedTest
    @EnumSource
    void pairsTurnLikeComplexNumbers(Order order) {
        Tensor x = ORDINARY.tensor(0, ROWS, HEADS * D);
        Tensor y = Values.unset(ROWS, HEADS * D);
        rotary(order).forward(COMPUTE, x, POSITIONS, HEADS, y);
        for (int row = 0; row < ROWS; row++) {
            int i = row;
            requireWithin(HEADS * D, y.rows(i, i + 1).toArray(), j -> turned(x, i, j, order),
                    j -> 4 * U * (1 + 500) * 3); // the angle is rounded, and as large as 500
        }
    }

    /** Element j of the row: the real or the imaginary part of (a + b·i)·e^(i·angle). */
    private static double turned(Tensor x, int i, int j, Order order) {
        int k = j % D;
        if (k >= 2 * PAIRS) {
            return x.get(i, j);
        }
        int pair = order == Order.HALVES ? k % PAIRS : k / 2;
        boolean real = order == Order.HALVES ? k < PAIRS : k % 2 == 0;
        int distance = order == Order.HALVES ? PAIRS : 1;
        double angle = POSITIONS[i] * Math.pow(10_000, -2.0 * pair / (2 * PAIRS));
        return real
                ? x.get(i, j) * Math.cos(angle) - x.get(i, j + distance) * Math.sin(angle)
                : x.get(i, j) * Math.cos(angle) + x.get(i, j - distance) * Math.sin(angle);
    }

    @ParameterizedTest
    @EnumSource
    void backwardTurnsBackAlsoInPlace(Order order) {
        Tensor x = ORDINARY.tensor(0, ROWS, HEADS * D);
        Tensor y = Values.unset(ROWS, HEADS * D);
        Rotary rotary = rotary(order);
        rotary.forward(COMPUTE, x, POSITIONS, HEADS, y);
        rotary.backward(COMPUTE, y, POSITIONS, HEADS, y);
        requireWithin(x.size(), y.toArray(), i -> x.data()[x.offset() + i], i -> 8 * U * 5);
        Tensor copy = x.copy();
        rotary.forward(COMPUTE, copy, POSITIONS, HEADS, copy);
        rotary.forward(COMPUTE, x, POSITIONS, HEADS, y);
        requireSameBits(copy.toArray(), y.toArray());
    }

    @Test
    void frequenciesAreThoseOfThePaper() {
        assertThat(Rotary.frequencies(4, 10_000)).containsExactly(1f, 0.01f);
        assertThat(Rotary.frequencies(6, 8)).containsExactly(1f, 0.5f, 0.25f);
    }

    @Test
    void refusesWhatDoesNotFit() {
        Rotary rotary = rotary(Order.HALVES);
        Tensor x = Tensor.zeros(2, 28);
        assertThatThrownBy(() -> rotary.forward(COMPUTE, x, new int[] {0, 500}, 2, x)).isInstanceOf(
                IllegalArgumentException.class).hasMessage("rotary: position 500, tables (500, 5)");
        assertThatThrownBy(() -> rotary.forward(COMPUTE, x, new int[] {0, 1}, 4, x)).isInstanceOf(
                IllegalArgumentException.class)
                .hasMessage("rotary: (2, 28) in 4 heads at 2 positions, tables (500, 5)");
    }

    private static Rotary rotary(Order order) {
        return Rotary.of(Rotary.frequencies(2 * PAIRS, 10_000), 500, order);
    }
}
