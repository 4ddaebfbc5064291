package dev.lorikeet.autograd.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Linear.Layout;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WeightTest {
    private static final Compute COMPUTE = Cpu.shared();

    private static Tensor matrix(int rows, int columns) {
        Tensor matrix = Tensor.zeros(rows, columns);
        IntStream.range(0, matrix.size()).forEach(i -> matrix.data()[i] = (i * 37 % 101 - 50) / 7f);
        return matrix;
    }

    /** The tensor is gone once something computes: 64 columns of panels for 5 outputs are all there is. */
    @ParameterizedTest
    @EnumSource
    void itsBytesAreThereOnce(Layout layout) {
        Tensor given = matrix(5, 3);
        float[] values = given.toArray();
        Weight weight = new Weight(given, layout);
        assertThat(weight.value()).isSameAs(given);
        assertThat(weight.bytes()).isEqualTo(60);
        FrozenMatrix frozen = weight.frozen(COMPUTE);
        assertThat(weight.frozen(COMPUTE)).isSameAs(frozen);
        assertThat(frozen.out()).isEqualTo(weight.out()).isEqualTo(layout == Layout.OUT_IN ? 5 : 3);
        assertThat(weight.bytes()).isEqualTo(frozen.bytes());
        given.fill(Float.NaN);
        assertThat(weight.value().toArray()).isEqualTo(values);
        assertThat(weight.shape()).isEqualTo(given.shape());
        weight.value().fill(Float.NaN);
        assertThat(weight.value().toArray()).as("after a write to a copy").isEqualTo(values);
        weight.unfreeze();
        assertThat(weight.value()).isSameAs(weight.value());
        assertThat(weight.value().toArray()).isEqualTo(values);
        assertThatThrownBy(() -> weight.frozen(COMPUTE)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("linear: a low-rank term needs a frozen weight");
        weight.freeze();
        assertThat(weight.frozen(COMPUTE).toTensor().size()).isEqualTo(15);
    }

    @Test
    void isWhatWasSetWhateverItWasBefore() {
        Tensor next = matrix(5, 3);
        next.data()[7] = 4711;
        for (boolean packed : new boolean[] {false, true}) {
            Weight weight = new Weight(matrix(5, 3), Layout.OUT_IN);
            if (packed) {
                weight.frozen(COMPUTE);
            }
            long version = weight.version();
            weight.set(next);
            assertThat(weight.value().toArray()).isEqualTo(next.toArray());
            assertThat(weight.frozen(COMPUTE).toTensor().toArray()).isEqualTo(next.toArray());
            assertThat(weight.version()).isGreaterThan(version);
        }
    }

    /** What was rounded once is not rounded again: the very panels come back. */
    @Test
    void aReplacementThatIsClosedPutsThePanelsBack() {
        Weight weight = new Weight(matrix(5, 3), Layout.OUT_IN);
        weight.format(WeightFormat.INT8);
        FrozenMatrix frozen = weight.frozen(COMPUTE);
        try (Parameter.Replacement replacement = weight.replace(matrix(5, 3))) {
            assertThat(weight.frozen(COMPUTE).format()).isEqualTo(WeightFormat.F32);
            assertThat(replacement.before().toArray()).isEqualTo(frozen.toTensor().toArray());
        }
        assertThat(weight.frozen(COMPUTE)).isSameAs(frozen);
    }

    @Test
    void aTableThatAHeadHasPackedIsLookedUpThere() {
        Embedding words = new Embedding(matrix(7, 3), SequenceOps.NO_PADDING);
        int[] index = {6, 0, 3, 3};
        float[] before = lookUp(words, index);
        TiedHead head = new TiedHead(words, null);
        try (Tape tape = Tape.inference(COMPUTE, new Workspace())) {
            head.forward(tape, words.forward(new Pass(tape, Rows.tokens(0, index.length)), index));
        }
        assertThat(head.table()).isSameAs(words.weight());
        assertThat(words.weight().packed()).isNotNull();
        assertThat(lookUp(words, index)).isEqualTo(before);
    }

    private static float[] lookUp(Embedding words, int... index) {
        try (Tape tape = Tape.inference(COMPUTE, new Workspace())) {
            return words.forward(new Pass(tape, Rows.tokens(0, index.length)), index).value().toArray();
        }
    }
}
