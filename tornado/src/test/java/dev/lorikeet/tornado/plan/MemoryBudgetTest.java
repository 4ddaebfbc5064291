package dev.lorikeet.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MemoryBudgetTest {

    @Test
    void givesOutNoMoreThanThereIs() {
        MemoryBudget budget = new MemoryBudget(10 << 20);
        assertThat(budget.take(6 << 20)).isTrue();
        assertThat(budget.take(5 << 20)).isFalse();
        assertThat(budget.used()).isEqualTo(6 << 20);
        assertThat(budget.refusal(5 << 20)).isEqualTo(
                "needs 5 MB of the device's memory, of which 4 of 10 MB are free");
        assertThat(budget.take(Long.MAX_VALUE)).isFalse();
        budget.give(6 << 20);
        assertThat(budget.take(10 << 20)).isTrue();
        assertThatThrownBy(() -> budget.give(11 << 20)).isInstanceOf(IllegalStateException.class);
    }
}
