package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.linalg.Svd;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.BertModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaTest {
    /** Two layers with one input, and one that gets another. */
    private static final class Net extends Module {
        final Linear query = child("query", new Linear(Tensor.zeros(5, 7), null));
        final Linear key = child("key", new Linear(Tensor.zeros(6, 7), null));
        final Linear dense = child("dense", new Linear(Tensor.zeros(4, 9), null));

        /** Inputs are made from the first id of the batch. */
        void forward(Tape tape, Batch batch) {
            long seed = batch.ids()[0];
            Variable x = new Parameter(inputs(seed, 7));
            query.forward(tape, x);
            key.forward(tape, x);
            dense.forward(tape, new Parameter(inputs(seed, 9)));
        }

        /** Columns of falling size, faster in the narrower ones, around a mean that is much larger. */
        static Tensor inputs(long seed, int width) {
            Tensor x = Tensor.zeros(20, width);
            Random.fillNormal(x, 1f, Random.key(seed, width));
            for (int i = 0; i < x.size(); i++) {
                int column = i % width;
                x.data()[i] = (float) (x.data()[i] * Math.pow(width == 7 ? 0.4 : 0.8, column) + 30);
            }
            return x;
        }
    }

    private static final List<Batch> BATCHES = List.of(Batch.of(List.of(new int[] {1})),
            Batch.of(List.of(new int[] {2})),
            Batch.of(List.of(new int[] {3})));
    private static final LoraConfigBuilder CONFIG = LoraConfig.lora().rank(2).alpha(3).targets("query", "key",
            "dense");

    @TempDir
    Path directory;

    private static LoraConfig config(double rho, boolean whiten, boolean adjust) {
        return CONFIG.initialization(new EvaInitialization(rho, 0.99, true, -100, whiten, adjust)).build();
    }

    /** What varies most in all batches together, by a decomposition of the rows themselves. */
    private static Svd decomposed(int width) {
        Tensor all = Tensor.zeros(60, width);
        for (int batch = 0; batch < 3; batch++) {
            all.rows(20 * batch, 20 * batch + 20).set(Net.inputs(batch + 1, width));
        }
        for (int j = 0; j < width; j++) {
            double mean = 0;
            for (int i = 0; i < 60; i++) {
                mean += all.get(i, j) / 60.0;
            }
            for (int i = 0; i < 60; i++) {
                all.data()[i * width + j] -= (float) mean;
            }
        }
        return Svd.of(all);
    }

    private static void requireDirections(Tensor a, Svd expected, boolean whiten) {
        for (int k = 0; k < a.dim(0); k++) {
            double dot = 0;
            double square = 0;
            for (int j = 0; j < a.dim(1); j++) {
                dot += a.get(k, j) * expected.right().get(k, j);
                square += a.get(k, j) * a.get(k, j);
            }
            double length = whiten ? 1 / Math.sqrt(expected.value(k)) : 1;
            assertThat(Math.sqrt(square)).isCloseTo(length, within(1e-4 * length));
            assertThat(Math.abs(dot)).isCloseTo(length, within(1e-4 * length));
        }
    }

    @Test
    void directionsAreThoseInWhichTheInputsVaryMostAndTheRanksGoWhereTheyExplainMost() {
        Net net = new Net();
        LoraAdapter adapter = Eva.attach(net, config(2, false, true), BATCHES, net::forward, 1);
        // shares: 0.84, 0.13, 0.02, … for query and for key; 0.37, 0.23, 0.15, 0.10, … for dense; the budget is 6
        assertThat(ranks(adapter)).isEqualTo(Map.of("query", 2, "key", 1, "dense", 3));
        for (Map.Entry<String, LoraLayer> entry : adapter.layers().entrySet()) {
            LoraLayer layer = entry.getValue();
            requireDirections(layer.a().value(), decomposed(entry.getKey().equals("dense") ? 9 : 7), false);
            assertThat(layer.b().value().toArray()).containsOnly(0f);
            assertThat(layer.scaling()).isEqualTo(1.5f);
            assertThat(layer.a().requiresGradient()).isTrue();
        }
    }

    private static Map<String, Integer> ranks(LoraAdapter adapter) {
        Map<String, Integer> ranks = new java.util.HashMap<>();
        adapter.layers().forEach((path, layer) -> ranks.put(path, layer.rank()));
        return ranks;
    }

    @Test
    void withoutRedistributionEveryLayerKeepsItsRank() {
        Net net = new Net();
        LoraAdapter adapter = Eva.attach(net, config(1, true, true), BATCHES, net::forward, 1);
        assertThat(ranks(adapter)).isEqualTo(Map.of("query", 2, "key", 2, "dense", 2));
        assertThat(adapter.config().rankPattern()).isEmpty();
        adapter.layers().forEach((path, layer) -> requireDirections(layer.a().value(),
                decomposed(path.equals("dense") ? 9 : 7), true));
    }

    @Test
    void alphaStaysWhereItIsNotAdjustedAndFilesSayWhatCameOut() {
        Net net = new Net();
        LoraAdapter adapter = Eva.attach(net, config(2, false, false), BATCHES, net::forward, 1);
        assertThat(adapter.layers().get("dense").scaling()).isEqualTo(1f);
        Peft.save(adapter, "base", null, directory);
        LoraAdapter loaded = Peft.read(new Net(), directory).attach();
        assertThat(loaded.config()).isEqualTo(adapter.config());
        assertThat(ranks(loaded)).isEqualTo(ranks(adapter));
    }

    @Test
    void aModelComputesWhatItDidAndTheSameAdapterEveryTime() {
        BertModel model = TinyBert.load(directory, 1);
        float[] before = hidden(model);
        LoraConfig config = LoraConfig.rslora().rank(2).targets("all-linear").initialization(EvaInitialization.DEFAULT)
                .build();
        List<float[]> tensors = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            LoraAdapter adapter = Eva.attach(model, config, List.of(TinyBert.BATCH), model::forward, 1);
            assertThat(ranks(adapter).values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(36);
            assertThat(hidden(model)).isEqualTo(before);
            tensors.add(adapter.layers().get("encoder.layer.0.attention.self.query").a().value().toArray());
            adapter.detach();
        }
        assertThat(tensors.get(1)).isEqualTo(tensors.get(0));
        assertThat(model.namedParameters().keySet()).noneMatch(path -> path.contains("lora_"));
    }

    private static float[] hidden(BertModel model) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return model.forward(tape, TinyBert.BATCH).value().toArray();
        }
    }

    @Test
    void whatDataCannotGiveIsRefused() {
        Net net = new Net();
        refused("eva needs batches of data", () -> Lora.attach(net, config(2, false, true), 1));
        refused("eva is expected, not KAIMING", () -> Eva.attach(net, CONFIG.initialization(Initialization.KAIMING)
                .build(), BATCHES, net::forward, 1));
        refused("eva: query got 0 tokens, more than 4 are needed", () -> Eva.attach(net, config(2, false, true),
                List.of(), net::forward, 1));
        refused("eva: the inputs of query are all the same", () -> Eva.attach(net, config(1, false, true), BATCHES,
                (tape, batch) -> List.of(net.query, net.key, net.dense).forEach(layer -> layer.forward(tape,
                        new Parameter(Tensor.zeros(9, layer.inFeatures())))),
                1));
        refused("(eva_config.rho): must be at least 1, not 0.5", () -> config(0.5, false, true));
        assertThat(net.query.adapter()).isNull();
        assertThatThrownBy(() -> {
            Eva.attach(net, config(1, false, true), BATCHES, net::forward, 1);
            Eva.attach(net, config(1, false, true), BATCHES, net::forward, 1);
        }).isInstanceOf(IllegalStateException.class).hasMessageContaining("query has an adapter already");
    }

    private static void refused(String message, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(InputException.class).hasMessageContaining(message);
    }
}
