package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.kernel.Values;
import org.junit.jupiter.api.Test;

class WholeRowsTest {
    private static final int[] INDEX = {2, 0, 2, 3};

    private final Tensor table = numbers(4, 3);

    @Test
    void gathersRows() {
        Tensor y = Values.unset(4, 3);
        WholeRows.gather(table, INDEX, y, false);
        assertThat(y.toArray()).containsExactly(6, 7, 8, 0, 1, 2, 6, 7, 8, 9, 10, 11);
        WholeRows.gather(table, INDEX, y, true);
        assertThat(y.toArray()).containsExactly(12, 14, 16, 0, 2, 4, 12, 14, 16, 18, 20, 22);
        assertThatThrownBy(() -> WholeRows.gather(table, new int[] {-2}, y, false)).isInstanceOf(
                IndexOutOfBoundsException.class);
    }

    @Test
    void scattersTheirGradientsBackAndSkipsOneRow() {
        Tensor dtable = Values.unset(4, 3);
        dtable.fill(100);
        WholeRows.scatterAdd(numbers(4, 3), INDEX, dtable, 3);
        assertThat(dtable.toArray()).containsExactly(103, 104, 105, 100, 100, 100, 106, 108, 110, 100, 100, 100);
        WholeRows.scatterAdd(numbers(4, 3), INDEX, dtable, -1);
        assertThat(dtable.rows(3, 4).toArray()).containsExactly(109, 110, 111);
    }

    @Test
    void averagesTheRowsOfEachSequence() {
        Tensor y = Values.unset(3, 3);
        WholeRows.mean(table, new int[] {0, 1, 3, 4}, y);
        assertThat(y.toArray()).containsExactly(0, 1, 2, 4.5f, 5.5f, 6.5f, 9, 10, 11);
        Tensor dx = Values.unset(4, 3);
        WholeRows.meanBackward(numbers(3, 3), new int[] {0, 1, 3, 4}, dx);
        assertThat(dx.toArray()).containsExactly(0, 1, 2, 1.5f, 2, 2.5f, 1.5f, 2, 2.5f, 6, 7, 8);
    }

    @Test
    void findsTheFirstOfTheLargest() {
        Tensor x = Tensor.of(new float[] {1, 5, 5, -3, -2, -9, 0, 0, 0}, 3, 3);
        assertThat(WholeRows.argmax(x, 0)).isEqualTo(1);
        assertThat(WholeRows.argmax(x, 1)).isEqualTo(1);
        assertThat(WholeRows.argmax(x.rows(2, 3), 0)).isZero();
    }

    /** 0, 1, 2, … in the middle of an array. */
    private static Tensor numbers(int... dims) {
        Tensor x = Values.unset(dims);
        for (int i = 0; i < x.size(); i++) {
            x.data()[x.offset() + i] = i;
        }
        return x;
    }
}
