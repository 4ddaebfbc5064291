package dev.lorikeet.autograd.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import org.junit.jupiter.api.Test;

class TiedHeadTest {
    /** An embedding and its head, as a language model of no layers. */
    private static final class Bigrams extends Module {
        final Embedding words = child("wte", new Embedding(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2), 0));
        final TiedHead head = child("lm_head", new TiedHead(words, Tensor.of(new float[] {0, 0, 100}, 3)));

        Variable forward(Tape tape, int... ids) {
            return head.forward(tape, words.forward(new Pass(tape, Rows.tokens(0, ids.length)), ids));
        }
    }

    private final Bigrams model = new Bigrams();

    @Test
    void scoresEveryEntryByItsRow() {
        assertThat(logits()).containsExactly(11, 25, 139);
        model.unfreeze();
        assertThat(logits()).containsExactly(11, 25, 139);
    }

    @Test
    void theTableHasOneName() {
        assertThat(model.namedParameters().keySet()).containsExactly("wte.weight", "lm_head.bias");
        assertThat(model.namedModules().keySet()).containsExactly("", "wte", "lm_head");
    }

    /** Of Σ logits for ids 0 and 1, E = [1 2; 3 4; 5 6]: from the head Σ x = (4, 6) in each row, from look-ups Σ E. */
    @Test
    void theTableSumsTheGradientsOfBothUses() {
        model.unfreeze();
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            Tensor ones = Tensor.zeros(2, 3);
            ones.fill(1);
            tape.backward(Losses.weightedSum(tape, model.forward(tape, 0, 1), ones));
        }
        Tensor gradient = model.words.weight().gradientOrThrow();
        assertThat(gradient.toArray()).as("row 0 is padding: from the head alone")
                .containsExactly(4, 6, 4 + 9, 6 + 12, 4, 6);
    }

    @Test
    void aTableThatWasTrainedIsPackedAgainOnceItIsFrozen() {
        logits();
        model.unfreeze();
        logits();
        model.words.weight().value().data()[0] = 2;
        model.freeze();
        assertThat(logits()).containsExactly(14, 25, 139);
    }

    /** E = [1 2; 3 4; 5 6] in the head and [1 2; 6 8; 5 6] in look-ups, then the other way round. */
    @Test
    void anUntiedHeadAndTheTableDoNotFollowEachOther() {
        for (boolean usedBefore : new boolean[] {false, true}) {
            Bigrams fresh = new Bigrams();
            if (usedBefore) {
                logits(fresh);
            }
            fresh.head.untie();
            assertThat(fresh.head.isTied()).isFalse();
            assertThat(fresh.namedParameters()).containsOnlyKeys("wte.weight", "lm_head.bias", "lm_head.weight");
            fresh.words.weight().set(Tensor.of(new float[] {1, 2, 6, 8, 5, 6}, 3, 2));
            assertThat(logits(fresh)).containsExactly(22, 50, 178);
            fresh.head.table().set(Tensor.of(new float[] {1, 0, 0, 1, 1, 1}, 3, 2));
            assertThat(logits(fresh)).containsExactly(6, 8, 114);
            fresh.head.tie();
            assertThat(fresh.head.isTied()).isTrue();
            assertThat(fresh.namedParameters()).containsOnlyKeys("wte.weight", "lm_head.bias");
            assertThat(logits(fresh)).containsExactly(22, 100, 178);
        }
    }

    @Test
    void refusesABiasOfAnotherLength() {
        assertThatThrownBy(() -> new TiedHead(model.words, Tensor.zeros(2)))
                .isInstanceOf(IllegalArgumentException.class).hasMessage("tied head: bias (2) for 3 entries");
    }

    private float[] logits() {
        return logits(model);
    }

    /** Of id 1, (3, 4). */
    private static float[] logits(Bigrams model) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return model.forward(tape, 1).value().toArray();
        }
    }
}
