package dev.lorikeet.lora.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.lora.Bias;
import dev.lorikeet.lora.Initialization;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraConfigBuilder;
import dev.lorikeet.lora.LoraSite;
import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.lora.Scaling;
import dev.lorikeet.lora.WeightInitialization;
import dev.lorikeet.lora.merge.TaskArithmetic.Consensus;
import dev.lorikeet.lora.rank.AdaLora;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class WeightedAdapterTest {
    static final List<String> NAMES = Combination.NAMES;

    private static final class Net extends Module {
        Net() {
            for (String path : List.of("layer.0.query", "layer.0.dense", "layer.1.query", "layer.1.dense", "head")) {
                child(path, new Linear(normal(path, 7, 9), Tensor.zeros(7)));
            }
            child("words", new Embedding(normal("words", 11, 5), SequenceOps.NO_PADDING));
        }

        private static Tensor normal(String path, int... dims) {
            Tensor tensor = Tensor.zeros(dims);
            Random.fillNormal(tensor, 0.3f, Random.key(1, path));
            return tensor;
        }
    }

    private final Module net = new Net();

    private LoraWeights adapter(LoraConfigBuilder builder, long seed) {
        LoraAdapter adapter = Lora.attach(net, builder.build(), seed);
        LoraWeights weights = adapter.weights();
        adapter.detach();
        return weights;
    }

    private static LoraConfigBuilder rslora() {
        return LoraConfig.rslora().rank(3).alpha(5).targets("query", "words").rankPattern("1.query", 2)
                .alphaPattern("0.query", 7).initialization(Initialization.NONE);
    }

    /** s·B·A of each layer. */
    private static Map<String, float[]> updates(LoraWeights weights) {
        return weights.plan().sites().stream().collect(Collectors.toMap(LoraSite::path,
                site -> weights.factors(site).product(Cpu.shared(), site.scaling()).toArray(), (x, _) -> x,
                TreeMap::new));
    }

    private static void requireClose(Map<String, float[]> actual, Map<String, float[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach(
                (path, update) -> assertThat(actual.get(path)).as(path).containsExactly(update, within(2e-6f)));
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void oneAdapterOfWeightOneComesOutAsItWentInAndHasTheScaleOne(String name) {
        LoraWeights rslora = adapter(rslora(), 1);
        Double density = name.matches("cat|linear|svd") ? null : Double.valueOf(0.3);
        LoraWeights same = WeightedAdapter.combine(Combination.of(name, density, Consensus.TOTAL, 0, 1),
                List.of(new WeightedAdapter(rslora, 1)));
        requireClose(updates(same), updates(rslora));
        assertThat(same.plan().sites()).hasSize(3).allMatch(site -> site.scaling() == 1 && site.rank() == 3);
        LoraConfig config = same.plan().config();
        assertThat(config.alpha()).isEqualTo(3);
        assertThat(config.scaling()).isEqualTo(Scaling.LORA);
        assertThat(config.rankPattern()).isEmpty();
        assertThat(config.alphaPattern()).isEmpty();
        assertThat(config.targets()).isEqualTo(rslora.plan().config().targets());
    }

    @Test
    void adaptersOnDifferentLayersAreSummedWhereTheyMeet() {
        LoraWeights first = adapter(rslora(), 1);
        LoraWeights second = adapter(LoraConfig.lora().rank(2).targetPattern(".*1\\.(query|dense)").dropout(0.5)
                .initialization(Initialization.NONE), 2);
        LoraWeights principal = adapter(LoraConfig.lora().rank(1).targets("dense").initialization(
                new WeightInitialization.Pissa()), 3);
        List<WeightedAdapter> adapters = List.of(new WeightedAdapter(first, 0.5), new WeightedAdapter(second, -2),
                new WeightedAdapter(principal, 3));
        Map<String, float[]> expected = new TreeMap<>();
        for (WeightedAdapter each : adapters) {
            updates(each.adapter().toPlain()).forEach((path, update) -> {
                float[] sum = expected.computeIfAbsent(path, _ -> new float[update.length]);
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += (float) each.weight() * update[i];
                }
            });
        }
        LoraWeights all = WeightedAdapter.combine(new Combination.Concatenation(), adapters);
        assertThat(all.plan().config().rank()).isEqualTo(3 + 2 + 2);
        requireClose(updates(all), expected);
        requireClose(
                updates(WeightedAdapter.combine(new Combination.Decomposition(TaskArithmetic.linear(), 7), adapters)),
                expected);
        assertThat(updates(principal.toPlain()).get("layer.0.dense")).as("PiSSA at its start").containsExactly(
                new float[63], within(1e-6f));
        assertThat(all.attach().layers()).hasSize(5);
    }

    @Test
    void aSingleAdapterMayStillBeCutToARank() {
        LoraWeights cut = WeightedAdapter.combine(new Combination.Decomposition(TaskArithmetic.linear(), 1),
                List.of(new WeightedAdapter(adapter(rslora(), 1), 1)));
        assertThat(cut.plan().config().rank()).isEqualTo(1);
    }

    @Test
    void whatHasNoWeightedSumIsRefused() {
        refused("AdaLoRA's lambdas", LoraConfig.lora().targets("query").adaLora(AdaLora.defaults().withRanks(2, 4)
                .withTotalSteps(9)));
        refused("(fused)", LoraConfig.lora().targets("query").fused("query", List.of(true)));
        refused("DoRA (use_dora)", LoraConfig.lora().targets("query").dora(true));
        refused("biases of the base (bias)", LoraConfig.lora().targets("query").bias(Bias.ALL));
        refused("biases of its own (lora_bias)", LoraConfig.lora().targets("query").loraBias(true));
        refused("trainable_token_indices", LoraConfig.lora().targets("query").trainableTokens("words", List.of(1)));
        refused("(modules_to_save), head.weight, head.bias",
                LoraConfig.lora().targets("query").modulesToSave("head"));
        LoraWeights good = adapter(rslora(), 1);
        assertThatThrownBy(() -> new WeightedAdapter(good, Double.NaN)).isInstanceOf(InputException.class)
                .hasMessageContaining("must be a finite number, not NaN");
        List<WeightedAdapter> unequal = List.of(new WeightedAdapter(good, 1),
                new WeightedAdapter(adapter(LoraConfig.lora()
                        .rank(4).targets("query"), 1), 1));
        assertThatThrownBy(() -> WeightedAdapter.combine(new Combination.Factorwise(TaskArithmetic.linear()), unequal))
                .isInstanceOf(InputException.class).hasMessageContaining("not [3, 4]");
        assertThatThrownBy(() -> WeightedAdapter.combine(new Combination.Concatenation(),
                List.of(new WeightedAdapter(good,
                        1e300))))
                .isInstanceOf(InputException.class).hasMessageContaining("layer.0.query: a factor would have");
        LoraWeights elsewhere = new WeightedAdapterTest().adapter(rslora(), 1);
        assertThatThrownBy(
                () -> WeightedAdapter.combine(new Combination.Concatenation(), List.of(new WeightedAdapter(good,
                        1), new WeightedAdapter(elsewhere, 1))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void refused(String message, LoraConfigBuilder builder) {
        LoraWeights weights = adapter(builder, 1);
        assertThatThrownBy(() -> new WeightedAdapter(weights, 1)).isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }
}
