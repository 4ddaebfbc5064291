package dev.lorikeet.autograd.optim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    @Test
    void linearRisesAndFallsOnStraightLines() {
        assertThat(factors(Schedule.linear(2, 6), 8)).containsExactly(0, 0.5, 1, 0.75, 0.5, 0.25, 0, 0);
        assertThat(factors(Schedule.linear(0, 4), 5)).containsExactly(1, 0.75, 0.5, 0.25, 0);
        assertThat(factors(Schedule.linear(3, 3), 4)).containsExactly(0, 1 / 3.0, 2 / 3.0, 0);
    }

    @Test
    void constantStaysWhereItIs() {
        assertThat(factors(Schedule.constant(), 3)).containsExactly(1, 1, 1);
    }

    private static double[] factors(Schedule schedule, int steps) {
        return IntStream.range(0, steps).mapToDouble(schedule::factor).toArray();
    }
}
