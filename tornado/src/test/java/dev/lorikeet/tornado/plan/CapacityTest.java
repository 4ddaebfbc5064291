package dev.lorikeet.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CapacityTest {

    @Test
    void isEnoughAndLittleMore() {
        int kinds = 0;
        int last = 0;
        for (int rows = 2; rows < 10_000; rows++) {
            int capacity = Capacity.of(rows);
            assertThat(capacity).isGreaterThanOrEqualTo(rows);
            assertThat(capacity <= 16 || 2L * capacity <= 3L * rows).as("%s rows: %s", rows, capacity).isTrue();
            kinds += capacity == last ? 0 : 1;
            last = capacity;
        }
        assertThat(kinds).isEqualTo(20); // 16, 24, 32 … 12288: so many plans at the most
    }

    @Test
    void oneRowIsItsOwnKindAndTheLargestIsItself() {
        assertThat(Capacity.of(1)).isEqualTo(1);
        assertThat(Capacity.of(2)).isEqualTo(16);
        assertThat(Capacity.of(97)).isEqualTo(128);
        assertThat(Capacity.of(129)).isEqualTo(192);
        assertThat(Capacity.of(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
    }
}
