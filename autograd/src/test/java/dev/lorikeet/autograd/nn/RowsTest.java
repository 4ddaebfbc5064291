package dev.lorikeet.autograd.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link Rows}, and the {@link Pass} over them. */
class RowsTest {
    private static Tape tape() {
        return Tape.inference(Cpu.shared(), new Workspace());
    }

    @Test
    void positionsCountFromTheBeginningOfEachText() {
        assertThat(Rows.tokens(0, 3, 4, 6).positions()).containsExactly(0, 1, 2, 0, 0, 1);
        Cache cache = new Cache(3);
        cache.advance(cache.next(0, 3, 4, 6));
        assertThat(cache.length(0)).isEqualTo(3);
        assertThat(cache.next(0, 1, 3, 4).positions()).containsExactly(3, 1, 2, 2);
    }

    @Test
    void someSequencesAreRowsOfTheirOwn() {
        Rows rows = Rows.tokens(0, 3, 4, 6);
        assertThat(rows.of(2, 0)).containsExactly(4, 5, 0, 1, 2);
        assertThat(rows.part(2, 0).offsets()).containsExactly(0, 2, 5);
        assertThat(rows.part(2, 0).positions()).containsExactly(0, 1, 0, 1, 2);
        assertThat(Rows.sequences(3).part(2, 0).kind()).isEqualTo(Rows.Kind.SEQUENCE);
        assertThat(Rows.sequences(3).of(2, 0)).containsExactly(2, 0);
    }

    @ParameterizedTest
    @CsvSource({"TOKEN,'0 2',3", "TOKEN,'1 3',3", "TOKEN,'0 2 2 3',3", "TOKEN,'0 2 1 3',3", "TOKEN,'',0",
        "SEQUENCE,'0 2 3',3"})
    void refusesPartsThatDoNotFit(Rows.Kind kind, String offsets, int count) {
        int[] numbers = offsets.isEmpty() ? new int[0]
                : Arrays.stream(offsets.split(" ")).mapToInt(Integer::parseInt).toArray();
        assertThatThrownBy(() -> new Rows(kind, numbers, new int[count])).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("rows: offsets [").hasMessageEndingWith("each a " + kind);
    }

    @Test
    void behindAPoolingARowIsASequence() {
        try (Tape tape = tape()) {
            Pass pass = new Pass(tape, Rows.tokens(0, 3, 4));
            assertThat(pass.pooled().rows().kind()).isEqualTo(Rows.Kind.SEQUENCE);
            assertThat(pass.pooled().rows().offsets()).containsExactly(0, 1, 2);
            assertThat(pass.pooled().pooled().rows().count()).isEqualTo(2);
            Linear layer = new Linear(Tensor.zeros(5, 2), null);
            Variable one = Variable.constant(Tensor.zeros(2, 2));
            assertThat(layer.forward(pass.pooled(), one).shape().dims()).containsExactly(2, 5);
            assertThatThrownBy(() -> layer.forward(pass, one)).isInstanceOf(IllegalArgumentException.class).hasMessage(
                    "linear: 2 rows in a pass of 4 tokens: behind a pooling, take the pooled pass");
            Embedding table = new Embedding(Tensor.zeros(5, 2), SequenceOps.NO_PADDING);
            assertThatThrownBy(() -> table.forward(pass.pooled(), new int[4])).hasMessage(
                    "embedding: 4 rows in a pass of 2 sequences");
        }
    }

    @Test
    void refusesCachesAndEncodersOfOtherSequencesAndCachesInTraining() {
        Rows rows = Rows.tokens(0, 3, 4);
        Pass.Memory other = new Pass.Memory(Variable.constant(Tensor.zeros(4, 2)), Rows.tokens(0, 4));
        try (Tape tape = tape(); Tape training = Tape.training(Cpu.shared(), new Workspace())) {
            assertThatThrownBy(() -> new Pass(tape, rows, new Cache(3), null))
                    .isInstanceOf(IllegalArgumentException.class).hasMessage("pass: 2 sequences, cache of 3");
            assertThatThrownBy(() -> new Pass(tape, rows, null, other)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("pass: 2 sequences, encoder of 1");
            assertThatThrownBy(() -> new Pass(training, rows, new Cache(2), null))
                    .isInstanceOf(IllegalStateException.class).hasMessageStartingWith("pass: a cache on a tape for ");
            assertThatThrownBy(() -> new Pass(tape, rows).overEncoder()).isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("pass: no encoder's states");
        }
    }
}
