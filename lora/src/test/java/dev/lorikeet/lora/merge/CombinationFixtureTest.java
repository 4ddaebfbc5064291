package dev.lorikeet.lora.merge;

import static dev.lorikeet.lora.peft.Fixtures.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.lora.Factors;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.merge.TaskArithmetic.Consensus;
import dev.lorikeet.lora.peft.Fixtures;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.Json;
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
        Map<String, Tensor> expected = Fixtures.tensors(folder.resolve(name).resolve(FILE));
        List<LoraConfig> configs = adapters.stream().map(adapter -> Peft.config(folder.resolve(adapter))).toList();
        List<Map<String, Tensor>> files = adapters.stream()
                .map(adapter -> Fixtures.tensors(folder.resolve(adapter).resolve(FILE)))
                .toList();
        int rank = combination.rank(configs.stream().map(LoraConfig::rank).toList());
        assertThat(rank).isEqualTo(Peft.config(folder.resolve(name)).rank());

        List<String> layers = expected.keySet().stream().filter(key -> key.endsWith(A))
                .map(key -> key.substring(0, key.length() - A.length())).toList();
        assertThat(layers).hasSizeGreaterThan(5);
        for (String layer : layers) {
            List<Update> updates = new ArrayList<>();
            for (int i = 0; i < files.size(); i++) {
                Tensor a = files.get(i).get(layer + A);
                if (a != null) {
                    updates.add(new Update(new Factors(a, files.get(i).get(b(layer))),
                            configs.get(i).scaling(configs.get(i).rank(),
                                    configs.get(i).alpha()),
                            weights.get(i)));
                }
            }
            Factors factors = combination.combine(updates, rank, 1);
            Tensor a = expected.get(layer + A);
            Tensor b = expected.get(b(layer));
            if (combination instanceof Combination.Decomposition) {
                assertThat(factors.a().shape()).isEqualTo(a.shape());
                assertClose(layer, product(factors.a(), factors.b()), product(a, b), 2e-6, 0);
            } else {
                assertClose(layer + A, factors.a(), a, 1e-7, 1e-6);
                assertClose(b(layer), factors.b(), b, 1e-7, 1e-6);
            }
        }
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

    private static Tensor product(Tensor a, Tensor b) {
        return new Factors(a, b).product(1);
    }
}
