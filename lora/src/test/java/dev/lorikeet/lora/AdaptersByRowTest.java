package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.Rows;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.model.Batch;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which adapter a row gets: by what the pass says that it is, whatever the number of rows. */
class AdaptersByRowTest {
    private static final class Net extends Module {
        final Linear layer = child("layer", new Linear(normal("weight", 7, 9), null));
    }

    private static Tensor normal(String name, int... dims) {
        Tensor tensor = Tensor.zeros(dims);
        Random.fillNormal(tensor, 1f, Random.key(1, name));
        return tensor;
    }

    private final Net net = new Net();

    private LoraWeights weights(LoraConfigBuilder builder, long seed) {
        LoraAdapter adapter = Lora.attach(net, builder.rank(2).targets("layer").initialization(Initialization.NONE)
                .build(), seed);
        LoraWeights weights = adapter.weights();
        adapter.detach();
        return weights;
    }

    /** Of three texts; also where the encoder has as many rows as there are texts, or as there are tokens. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tokensSequencesAndAnEncodersRowsGetTheAdapterOfTheirSequence(boolean dora) {
        Batch batch = Batch.of(List.of(new int[2], new int[1], new int[1]));
        List<String> names = List.of("red", AdapterSet.BASE, "blue");
        List<Rows> encoders = List.of(Rows.tokens(0, 5, 6, 9), Rows.tokens(0, 1, 2, 3), Rows.tokens(0, 1, 2, 4));
        LoraWeights red = weights(LoraConfig.lora(), 1);
        LoraWeights blue = weights(LoraConfig.lora().dora(dora), 2);
        AdapterSet set = AdapterSet.on(net);
        set.add("red", red);
        set.add("blue", blue);
        for (Rows rows : encoders) {
            Tensor x = normal("x", rows.count(), 9);
            try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
                set.choose(tape, batch, names);
                Pass pass = new Pass(tape, Rows.tokens(batch.offsets()), null, new Pass.Memory(Variable.constant(x),
                        rows));
                requireOwn(set, pass.overEncoder(), x, names);
                requireOwn(set, pass, normal("x", 4, 9), names);
                requireOwn(set, pass.pooled(), normal("x", 3, 9), names);
            }
        }
    }

    private void requireOwn(AdapterSet set, Pass pass, Tensor x, List<String> names) {
        Tensor mixed = net.layer.forward(pass, Variable.constant(x)).value();
        for (int s = 0; s < names.size(); s++) {
            set.use(names.get(s).equals(AdapterSet.BASE) ? new String[0] : new String[] {names.get(s)});
            int from = pass.rows().offsets()[s];
            int to = pass.rows().offsets()[s + 1];
            try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
                float[] alone = net.layer.forward(new Pass(tape, Rows.tokens(0, to - from)), Variable.constant(
                        x.rows(from, to))).value().toArray();
                assertThat(mixed.rows(from, to).toArray()).as("%s of %s", names.get(s), pass.rows().kind())
                        .usingComparatorWithPrecision(1e-5f).containsExactly(alone);
            }
        }
    }

    @Test
    void refusesAPassOverOtherSequencesThanAdaptersWereChosenFor() {
        LoraWeights red = weights(LoraConfig.lora(), 1);
        AdapterSet set = AdapterSet.on(net);
        set.add("red", red);
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            set.choose(tape, Batch.of(List.of(new int[2], new int[1])), List.of("red", "red"));
            assertThatThrownBy(() -> net.layer.forward(new Pass(tape, Rows.sequences(3)), Variable.constant(normal("x",
                    3, 9)))).isInstanceOf(IllegalStateException.class).hasMessage(
                            "adapter set: adapters were chosen for 2 sequences, and the pass has 3");
        }
    }
}
