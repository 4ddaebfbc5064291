package dev.lorikeet.lora.merge;

import static dev.lorikeet.lora.peft.Fixtures.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.lora.Factors;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraSite;
import dev.lorikeet.lora.LoraWeights;
import dev.lorikeet.lora.ModuleSelection;
import dev.lorikeet.lora.Scaling;
import dev.lorikeet.lora.merge.TaskArithmetic.Consensus;
import dev.lorikeet.lora.peft.Fixtures;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Combined adapters as PEFT wrote them. Its factors are right, only their scale is not always. */
class CombinationFixtureTest {
    private static final String A = ".lora_A.weight";

    @TestFactory
    Stream<DynamicTest> combinations() {
        return Stream.of("multi", "multi-rslora", "multi-rslora-first", "multi-rslora-second").flatMap(folder -> {
            Path multi = Fixtures.directory().resolve(folder);
            return recorded(multi).keySet().stream().filter(name -> !name.startsWith("dare"))
                    .map(name -> DynamicTest.dynamicTest(folder + "/" + name, () -> check(multi, name)));
        });
    }

    /** The options of each combination in {@code multi}, by its name. */
    private static Map<String, Object> recorded(Path multi) {
        return Fixtures.asMap(Json.readObject(multi.resolve("case.json")).get("combinations"));
    }

    private static Combination combination(Map<String, Object> options) {
        Object rank = options.get("svd_rank");
        String sign = (String) options.getOrDefault("majority_sign_method", "total");
        return Combination.of((String) options.get("combination_type"), (Double) options.get("density"),
                Consensus.valueOf(sign.toUpperCase(Locale.ROOT)), rank == null ? 0 : (int) rank, 1);
    }

    @SuppressWarnings("unchecked")
    private static List<WeightedAdapter> weighted(TaskModel<?, ?, ?> model, Path folder, Map<String, Object> options) {
        List<String> adapters = (List<String>) options.get("adapters");
        List<Double> weights = (List<Double>) options.get("weights");
        return IntStream.range(0, adapters.size()).mapToObj(i -> new WeightedAdapter(Peft.read(model, folder.resolve(
                adapters.get(i)), null), weights.get(i))).toList();
    }

    private static void check(Path folder, String name) {
        Map<String, Object> options = Fixtures.asMap(recorded(folder).get(name));
        Combination combination = combination(options);
        TaskModel<?, ?, ?> model = Fixtures.base(folder.resolve(name));
        List<WeightedAdapter> weighted = weighted(model, folder, options);
        LoraWeights combined = WeightedAdapter.combine(combination, weighted);
        LoraConfig config = combined.plan().config();
        LoraConfig theirs = Peft.config(folder.resolve(name));
        assertThat(config.rank()).isEqualTo(theirs.rank());
        assertThat(config.alpha()).isEqualTo(theirs.alpha()).isEqualTo(config.rank());
        assertThat(config.scaling()).as("PEFT keeps that of the first adapter").isEqualTo(Scaling.LORA);
        assertThat(((ModuleSelection.Names) config.targets()).names()).containsExactlyInAnyOrderElementsOf(
                ((ModuleSelection.Names) theirs.targets()).names());

        LoraWeights expected = Peft.read(model, folder.resolve(name), null);
        assertThat(combined.tensors().keySet()).isEqualTo(expected.tensors().keySet());
        for (LoraSite site : combined.plan().sites()) {
            Factors ours = combined.factors(site);
            Factors recorded = expected.factors(site);
            if (combination instanceof Combination.Decomposition && weighted.size() > 1) {
                assertThat(ours.a().shape()).isEqualTo(recorded.a().shape());
                assertClose(site.path(), ours.product(Cpu.shared(), 1), recorded.product(Cpu.shared(), 1), 2e-6, 0);
            } else {
                assertClose(site.path() + A, ours.a(), recorded.a(), 1e-7, 1e-6);
                assertClose(b(site.path()), ours.b(), recorded.b(), 1e-7, 1e-6);
            }
        }

        Map<String, Tensor> logits = Fixtures.tensors(folder.resolve("expected.safetensors"));
        Tensor right = logits.getOrDefault("right." + name, logits.get("logits." + name));
        combined.attach();
        assertClose("logits",
                Fixtures.logits(model, Fixtures.batch(logits.get("input_ids"), logits.get("attention_mask"))),
                right, 1e-5, 0);
    }

    @Test
    void adaptersWithHeadsOfTheirOwnAreRefused() {
        Path red = Fixtures.directory().resolve("multi-heads").resolve("red");
        LoraWeights weights = Peft.read(Fixtures.base(red), red, null);
        assertThatThrownBy(() -> new WeightedAdapter(weights, 1)).isInstanceOf(InputException.class)
                .hasMessageContaining("modules trained whole (modules_to_save), classifier.weight, classifier.bias");
    }

    /** PEFT's random numbers are torch's, but both keep or drop each entry and rescale what is kept. */
    @Test
    void entriesThatAreDroppedAtRandomAreRescaledAsInPeft() {
        Path multi = Fixtures.directory().resolve("multi");
        Map<String, Object> options = Fixtures.asMap(recorded(multi).get("dare-linear"));
        TaskModel<?, ?, ?> model = Fixtures.base(multi.resolve("dare-linear"));
        List<WeightedAdapter> weighted = weighted(model, multi, options);
        LoraWeights ours = WeightedAdapter.combine(combination(options), weighted);
        LoraWeights theirs = Peft.read(model, multi.resolve("dare-linear"), null);
        assertThat(theirs.plan().sites()).isNotEmpty();
        for (LoraSite site : theirs.plan().sites()) {
            Tensor a = ours.factors(site).a();
            Tensor recorded = theirs.factors(site).a();
            for (int i = 0; i < a.size(); i++) {
                double[] possible = possible(weighted, site.path(), i, (Double) options.get("density"));
                for (Tensor tensor : List.of(a, recorded)) {
                    float value = tensor.data()[tensor.offset() + i];
                    assertThat(Arrays.stream(possible).map(x -> Math.abs(value - x)).min().orElseThrow())
                            .as("%s, element %d", site.path(), i).isLessThan(1e-6);
                }
            }
        }
    }

    /** What element {@code i} of A can be: each adapter of this layer either keeps its own, rescaled, or drops it. */
    private static double[] possible(List<WeightedAdapter> weighted, String path, int i, double density) {
        double[] sums = {0};
        for (WeightedAdapter each : weighted) {
            for (LoraSite site : each.adapter().plan().sites()) {
                if (site.path().equals(path)) {
                    Tensor a = each.adapter().factors(site).a();
                    double factor = each.weight() * site.scaling();
                    double kept = Math.signum(factor) * Math.sqrt(Math.abs(factor)) * a.data()[a.offset() + i]
                            / density;
                    sums = DoubleStream.concat(Arrays.stream(sums), Arrays.stream(sums).map(sum -> sum + kept))
                            .toArray();
                }
            }
        }
        return sums;
    }

    private static String b(String layer) {
        return layer + ".lora_B.weight";
    }
}
