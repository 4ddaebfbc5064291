package dev.lorikeet.autograd.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.Rotary;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RotaryTablesTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 256, 257, 600})
    void tablesGrowWithThePositionsAndKeepTheirBits(int length) {
        RotaryTables tables = new RotaryTables(Rotary.frequencies(4, 500), Rotary.Order.HALVES);
        float[] before = tables.covering(new int[] {0}).sin().rows(0, 256).toArray();
        Rotary covering = tables.covering(new int[] {3, length - 1, 0});
        assertThat(covering.cos().dim(0)).isGreaterThanOrEqualTo(length);
        assertThat(covering.sin().rows(0, 256).toArray()).isEqualTo(before);
        assertThat(tables.covering(new int[] {length - 1})).isSameAs(covering);
    }
}
