package dev.lorikeet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MedianTest {
    @Test
    void isTheMiddleOrTheMeanOfTheTwoThere() {
        double[] values = {5, 1, 9};
        assertThat(Median.of(values)).isEqualTo(5);
        assertThat(values).containsExactly(5, 1, 9);
        assertThat(Median.of(4, 1, 2, 9)).isEqualTo(3);
        assertThat(Median.of(7)).isEqualTo(7);
    }
}
