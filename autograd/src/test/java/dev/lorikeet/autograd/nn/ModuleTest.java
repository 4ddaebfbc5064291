package dev.lorikeet.autograd.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import org.junit.jupiter.api.Test;

class ModuleTest {
    /** A layer of two parts, one of them below a dotted name. */
    private static final class Block extends Module {
        final Linear query = child("self.query", new Linear(Tensor.zeros(2, 3), Tensor.zeros(2)));
        final LayerNorm norm = child("norm", new LayerNorm(Tensor.zeros(2), Tensor.zeros(2), 1e-5f));
    }

    private static final class Net extends Module {
        final Parameter scale = parameter("scale", new Parameter(Tensor.zeros(1)));
        final Block first = child("layer.0", new Block());
        final Block second = child("layer.1", new Block());
        final Embedding words = child("words", new Embedding(Tensor.zeros(5, 3), SequenceOps.NO_PADDING));
    }

    private final Net net = new Net();

    @Test
    void joinsNamesToPathsInTheOrderOfCreation() {
        assertThat(net.namedParameters().keySet()).containsExactly("scale", "layer.0.self.query.weight",
                "layer.0.self.query.bias", "layer.0.norm.weight", "layer.0.norm.bias", "layer.1.self.query.weight",
                "layer.1.self.query.bias", "layer.1.norm.weight", "layer.1.norm.bias", "words.weight");
        assertThat(net.namedModules().keySet()).containsExactly("", "layer.0", "layer.0.self.query", "layer.0.norm",
                "layer.1", "layer.1.self.query", "layer.1.norm", "words");
        assertThat(net.namedParameters().get("layer.1.self.query.weight")).isSameAs(net.second.query.weight());
    }

    @Test
    void findsModulesByTheirWholePath() {
        assertThat(net.find("layer.0.self.query")).isSameAs(net.first.query);
        assertThat(net.find("")).isSameAs(net);
        assertThat(net.find("self.query")).isNull();
        assertThat(net.find("layer.0.self")).as("a part of a dotted name").isNull();
        assertThat(net.find("scale")).as("a parameter").isNull();
    }

    @Test
    void freezesAndUnfreezesWhatIsBelow() {
        assertThat(net.parameterCount()).isEqualTo(1 + 2 * (6 + 2 + 2 + 2) + 15);
        assertThat(net.trainableCount()).isZero();
        net.first.unfreeze();
        assertThat(net.trainableCount()).isEqualTo(12);
        net.first.query.freeze();
        assertThat(net.trainableCount()).isEqualTo(4);
        net.unfreeze();
        assertThat(net.trainableCount()).isEqualTo(net.parameterCount());
        net.freeze();
        assertThat(net.trainableCount()).isZero();
    }

    @Test
    void freezesAndUnfreezesByPattern() {
        assertThat(net.unfreeze(".*\\.bias|scale")).isEqualTo(5);
        assertThat(net.trainableCount()).isEqualTo(1 + 4 * 2);
        assertThat(net.freeze("layer\\.1\\..*")).isEqualTo(4);
        assertThat(net.trainableCount()).isEqualTo(1 + 2 * 2);
        assertThatThrownBy(() -> net.unfreeze("bias")).isInstanceOf(IllegalArgumentException.class).hasMessage(
                "unfreeze: no parameter's path matches \"bias\", they are such as scale, layer.0.self.query.weight, "
                        + "layer.0.self.query.bias");
    }

    @Test
    void summarisesItsParameters() {
        net.first.unfreeze();
        assertThat(net.summary()).isEqualTo("""
                Parameter                  Shape   Elements            Memory
                scale                      (1)            1  frozen   0.0 KiB
                layer.0.self.query.weight  (2, 3)         6  trained  0.0 KiB
                layer.0.self.query.bias    (2)            2  trained  0.0 KiB
                layer.0.norm.weight        (2)            2  trained  0.0 KiB
                layer.0.norm.bias          (2)            2  trained  0.0 KiB
                layer.1.self.query.weight  (2, 3)         6  frozen   0.0 KiB
                layer.1.self.query.bias    (2)            2  frozen   0.0 KiB
                layer.1.norm.weight        (2)            2  frozen   0.0 KiB
                layer.1.norm.bias          (2)            2  frozen   0.0 KiB
                words.weight               (5, 3)        15  frozen   0.1 KiB
                trained                                  12           0.0 KiB
                frozen                                   28           0.1 KiB
                total                                    40           0.2 KiB
                Memory of the values; training needs as much again for the gradients of what is trained, and its \
                optimizer's state.
                """);
    }

    @Test
    void aFrozenParameterDropsItsGradient() {
        net.words.unfreeze();
        Parameter table = net.namedParameters().get("words.weight");
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            Tensor ones = Tensor.zeros(2, 3);
            ones.fill(1);
            Variable rows = net.words.forward(new Pass(tape, Rows.tokens(0, 2)), new int[] {4, 4});
            tape.backward(Losses.weightedSum(tape, rows, ones));
        }
        assertThat(table.gradientOrThrow().rows(4, 5).toArray()).containsExactly(2, 2, 2);
        net.freeze();
        assertThat(table.gradient()).isNull();
        net.unfreeze();
        assertThat(table.gradient()).isNull();
    }
}
