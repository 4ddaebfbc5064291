package dev.lorikeet.transformer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.model.Batch;
import java.util.List;
import org.junit.jupiter.api.Test;

class EncodedTest {
    private static final Encoded ONE = Encoded.of(new int[] {2, 5, 3}, 4).numbers(0.5f);
    private static final Encoded PAIR = Encoded.of(new int[] {2, 7, 3, 8, 3}, 1).typeIds(new int[] {0, 0, 0, 1, 1});
    private static final Encoded THREE = Encoded.of(List.of(ONE, PAIR, Encoded.of(new int[] {9}, 0)));

    @Test
    void anExampleOfSeveralSequencesHasThemOneBehindTheOther() {
        assertThat(THREE.sequences()).isEqualTo(3);
        assertThat(THREE.tokens()).isEqualTo(9);
        assertThat(THREE.ids()).containsExactly(2, 5, 3, 2, 7, 3, 8, 3, 9);
        assertThat(THREE.offsets()).containsExactly(0, 3, 8, 9);
        assertThat(THREE.typeIds()).containsExactly(0, 0, 0, 0, 0, 0, 1, 1, 0);
        assertThat(THREE.ids(1)).containsExactly(2, 7, 3, 8, 3);
        assertThat(THREE.truncated()).isEqualTo(5);
        assertThat(THREE.numbers()).isEmpty();
        assertThat(THREE.numbers(1f).offsets()).isSameAs(THREE.offsets());
    }

    @Test
    void anExampleOfOneSequenceIsThatSequence() {
        assertThat(ONE.sequences()).isEqualTo(1);
        assertThat(ONE.ids(0)).isEqualTo(ONE.ids());
        assertThat(Encoded.of(List.of(ONE)).typeIds()).isNull();
        Batch batch = Encoded.batch(List.of(ONE, PAIR));
        assertThat(batch.ids()).containsExactly(2, 5, 3, 2, 7, 3, 8, 3);
        assertThat(batch.typeIds()).containsExactly(0, 0, 0, 0, 0, 0, 1, 1);
        assertThat(batch.offsets()).containsExactly(0, 3, 8);
    }

    @Test
    void aBatchHasTheSequencesOfAllExamples() {
        Batch batch = Encoded.batch(List.of(ONE, THREE, ONE));
        assertThat(batch.sequences()).isEqualTo(5);
        assertThat(batch.ids()).containsExactly(2, 5, 3, 2, 5, 3, 2, 7, 3, 8, 3, 9, 2, 5, 3);
        assertThat(batch.offsets()).containsExactly(0, 3, 6, 11, 12, 15);
        assertThat(batch.typeIds()).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0);
    }

    @Test
    void refusesPartsThatDoNotFit() {
        for (int[] offsets : new int[][] {{0}, {0, 2}, {1, 3}, {0, 2, 2, 3}, {0, 4, 3}}) {
            assertThatThrownBy(() -> new Encoded(new int[3], null, offsets, new int[0], new float[0], 0, null))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("encoded: offsets [");
        }
        assertThatThrownBy(() -> ONE.typeIds(new int[2])).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("encoded: offsets [0, 3] for 3 tokens with 2 segments");
    }
}
