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
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.PretrainedModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Combined adapters as PEFT wrote them. Its factors are right, only their scale is not always. */
class CombinationFixtureTest {
    private static final String FILE = "adapter_model.safetensors";
    private static final String A = ".lora_A.weight";

    @TestFactory
    Stream<DynamicTest> combinations() {
        Path multi = Fixtures.directory().resolve("multi");
        Map<String, Object> combinations = Fixtures
                .asMap(Json.readObject(multi.resolve("case.json")).get("combinations"));
        return combinations.entrySet().stream().filter(entry -> !entry.getKey().startsWith("dare"))
                .map(entry -> DynamicTest
                        .dynamicTest(entry.getKey(),
                                () -> check(multi, entry.getKey(), Fixtures.asMap(entry.getValue()))));
    }

    @TestFactory
    Stream<DynamicTest> combinationsOfRslora() {
        return Stream.of("multi-rslora", "multi-rslora-first", "multi-rslora-second").flatMap(name -> {
            Path folder = Fixtures.directory().resolve(name);
            return Stream.of(
                    DynamicTest.dynamicTest(name + "/one", () -> check(folder, "one", new Combination.Factorwise(
                            TaskArithmetic.linear()), List.of("first"), List.of(1.0))),
                    DynamicTest.dynamicTest(name + "/cat", () -> check(folder, "cat", new Combination.Concatenation(),
                            List.of("first", "second"), List.of(0.5, 2.0))));
        });
    }

    @SuppressWarnings("unchecked")
    private static void check(Path folder, String name, Map<String, Object> options) {
        List<String> adapters = (List<String>) options.get("adapters");
        Object rank = options.get("svd_rank");
        String sign = (String) options.getOrDefault("majority_sign_method", "total");
        Combination combination = Combination.of((String) options.get("combination_type"),
                (Double) options.get("density"), Consensus.valueOf(sign.toUpperCase(Locale.ROOT)),
                rank == null ? 0 : (int) rank, 1);
        check(folder, name, combination, adapters, (List<Double>) options.get("weights"));
    }

    private static void check(Path folder, String name, Combination combination, List<String> adapters,
            List<Double> weights) {
        PretrainedModel model = Fixtures.base(folder.resolve("first"));
        List<WeightedAdapter> weighted = new ArrayList<>();
        for (int i = 0; i < weights.size(); i++) {
            weighted.add(new WeightedAdapter(Peft.read(model, folder.resolve(adapters.get(i)), null), weights.get(i)));
        }
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
                assertClose(site.path(), ours.product(1), recorded.product(1), 2e-6, 0);
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
                .hasMessageContaining("modules trained whole (modules_to_save), [classifier.weight, classifier.bias]");
    }

    /** PEFT's random numbers are torch's, but both keep or drop each entry and rescale what is kept. */
    @Test
    void entriesThatAreDroppedAtRandomAreRescaledAsInPeft() {
        Path multi = Fixtures.directory().resolve("multi");
        Map<String, Tensor> theirs = Fixtures.tensors(multi.resolve("dare-linear").resolve(FILE));
        Map<String, Tensor> first = Fixtures.tensors(multi.resolve("first").resolve(FILE));
        Map<String, Tensor> second = Fixtures.tensors(multi.resolve("second").resolve(FILE));
        Combination dare = Combination.of("dare_linear", 0.5, Consensus.TOTAL, 0, 1);
        String layer = "base_model.model.bert.encoder.layer.1.attention.self.query";
        Tensor[] a = {first.get(layer + A), second.get(layer + A)};
        // the scales are 8/4 and 2/4, the weights 0.6 and -0.3
        Tensor ours = dare.combine(List.of(new Update(new Factors(a[0], first.get(b(layer))), 2, 0.6),
                new Update(new Factors(a[1], second.get(b(layer))), 0.5f, -0.3)), 4, 1).a();
        for (int i = 0; i < ours.size(); i++) {
            float x = (float) (Math.sqrt(1.2) * a[0].data()[a[0].offset() + i] / 0.5);
            float y = (float) (-Math.sqrt(0.15) * a[1].data()[a[1].offset() + i] / 0.5);
            for (Tensor tensor : List.of(ours, theirs.get(layer + A))) {
                float value = tensor.data()[tensor.offset() + i];
                assertThat(Stream.of(0f, x, y, x + y).mapToDouble(possible -> Math.abs(value - possible)).min()
                        .orElseThrow()).isLessThan(1e-6);
            }
        }
    }

    private static String b(String layer) {
        return layer + ".lora_B.weight";
    }
}
