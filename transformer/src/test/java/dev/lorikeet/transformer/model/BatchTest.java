package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BatchTest {
    @Test
    void laysSequencesEndToEnd() {
        Batch batch = Batch.of(List.of(new int[] {5, 6, 7}, new int[] {8}, new int[] {9, 10}));
        assertThat(batch.ids()).containsExactly(5, 6, 7, 8, 9, 10);
        assertThat(batch.typeIds()).containsExactly(0, 0, 0, 0, 0, 0);
        assertThat(batch.offsets()).containsExactly(0, 3, 4, 6);
        assertThat(batch.sequences()).isEqualTo(3);
        assertThat(batch.rows()).isEqualTo(6);
    }

    static Stream<Arguments> wrong() {
        return Stream.of(Arguments.of(3, 2, new int[] {0, 3}, "3 ids, 2 type ids and 2 offsets do not fit together"),
                Arguments.of(3, 3, new int[] {0, 2}, "do not fit together"),
                Arguments.of(3, 3, new int[] {1, 3}, "do not fit together"),
                Arguments.of(0, 0, new int[] {0}, "do not fit together"),
                Arguments.of(3, 3, new int[] {0, 2, 2, 3}, "sequence 1 is empty"),
                Arguments.of(3, 3, new int[] {0, 2, 1, 3}, "sequence 1 is empty"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void refusesPartsThatDoNotFit(int ids, int typeIds, int[] offsets, String expected) {
        assertThatThrownBy(() -> new Batch(new int[ids], new int[typeIds], offsets))
                .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("batch: ")
                .hasMessageContaining(expected);
    }
}
