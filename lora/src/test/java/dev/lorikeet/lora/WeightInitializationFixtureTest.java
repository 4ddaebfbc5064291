package dev.lorikeet.lora;

import static dev.lorikeet.lora.peft.Fixtures.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.lora.WeightInitialization.Mica;
import dev.lorikeet.lora.WeightInitialization.Olora;
import dev.lorikeet.lora.WeightInitialization.Pissa;
import dev.lorikeet.lora.peft.Fixtures;
import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A and B as PEFT made them: converted adapters have [A; A₀] and [B, -B₀]. */
class WeightInitializationFixtureTest {
    private static final String PREFIX = "base_model.model.";
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";

    @TempDir
    Path directory;

    /** A singular vector may point either way, a product not. */
    @ParameterizedTest
    @ValueSource(strings = {"init-pissa-converted", "init-pissa-converted-rslora"})
    void pissaIsPefts(String name) {
        check(name, (path, rank, scaling, weight, a, b) -> {
            Factors ours = new Pissa().of(weight, rank, scaling, 1);
            assertClose(path, ours.product(Cpu.shared(), scaling), new Factors(a, b).product(Cpu.shared(), scaling),
                    2e-5, 0);
            for (int k = 0; k < rank; k++) {
                float sign = Math.signum(ours.a().get(k, 0)) == Math.signum(a.get(k, 0)) ? 1 : -1;
                for (int j = 0; j < a.dim(1); j++) {
                    assertThat(Math.abs(ours.a().get(k, j) - sign * a.get(k, j))).isLessThan(1e-4f);
                }
            }
        });
    }

    @Test
    void oloraIsPeftsWithItsSigns() {
        check("init-olora-converted", (path, rank, scaling, weight, a, b) -> {
            Factors ours = new Olora().of(weight, rank, scaling, 1);
            assertClose(path + A, ours.a(), a, 2e-6, 0);
            assertClose(path + B, ours.b(), b, 2e-6, 0);
        });
    }

    private interface Check {
        void run(String path, int rank, float scaling, Tensor weight, Tensor a, Tensor b);
    }

    /** For each module that the adapter is on: A₀ and B₀, half of what the converted adapter has, and their scale. */
    private static void check(String name, Check check) {
        each(name, (path, rank, scaling, weight, both, bothOfB) -> {
            int half = rank / 2;
            Tensor b = Tensor.zeros(bothOfB.dim(0), half);
            for (int i = 0; i < b.dim(0); i++) {
                for (int k = 0; k < half; k++) {
                    b.data()[i * half + k] = -bothOfB.get(i, half + k);
                }
            }
            check.run(path, half, scaling, weight, both.rows(half, rank).copy(), b);
        });
    }

    private static void each(String name, Check check) {
        Path folder = Fixtures.directory().resolve(name);
        Map<String, Tensor> tensors = Fixtures.tensors(folder.resolve("adapter_model.safetensors"));
        Map<String, Parameter> parameters = Fixtures.base(folder).namedParameters();
        Map<String, Object> modules = Fixtures.asMap(Json.readObject(folder.resolve("case.json")).get("modules"));
        assertThat(modules).isNotEmpty();
        assertThat(tensors).hasSize(2 * modules.size());
        modules.forEach((path, item) -> {
            Map<String, Object> module = Fixtures.asMap(item);
            check.run(path, (int) module.get("r"), ((Number) module.get("scale")).floatValue(),
                    parameters.get(path + ".weight").value(), tensors.get(PREFIX + path + A),
                    tensors.get(PREFIX + path + B));
        });
    }

    /** The recorded adapter's A was moved, its B is what it began with; the last singular values lie close together. */
    @Test
    void micaIsPeftsUpToSigns() {
        each("init-mica", (path, rank, scaling, weight, a, b) -> {
            Factors ours = new Mica().of(weight, rank, scaling, 1);
            assertThat(ours.a().toArray()).containsOnly(0f);
            for (int k = 0; k < rank; k++) {
                double dot = 0;
                for (int i = 0; i < b.dim(0); i++) {
                    dot += (double) b.get(i, k) * ours.b().get(i, k);
                }
                assertThat(Math.abs(dot)).as(path).isBetween(0.9999, 1.0001);
            }
        });
    }

    @Test
    void oloraOnAWeightStoredTheOtherWayRoundIsRightHereAndNoFileOfPefts() {
        TaskModel<?, ?, ?> model = Fixtures.base("gpt2-lm");
        String path = "transformer.h.0.attn.c_attn";
        Tensor whole = model.namedParameters().get(path + ".weight").value().copy();
        LoraAdapter adapter = Lora.attach(model,
                LoraConfig.lora().targets("c_attn").initialization(new Olora()).build(), 1);
        Tensor reduced = model.namedParameters().get(path + ".weight").value();
        Tensor delta = adapter.layers().get(path).delta(Cpu.shared());
        for (int i = 0; i < whole.dim(0); i++) {
            for (int j = 0; j < whole.dim(1); j++) {
                assertThat(Math.abs(reduced.get(i, j) + delta.get(j, i) - whole.get(i, j))).isLessThan(1e-6f);
                // the first columns of W (out, in) are those that Q·R has by itself
                assertThat(i < 8 ? Math.abs(reduced.get(i, j)) : 0).isLessThan(1e-5f);
            }
        }
        assertThatThrownBy(() -> Peft.save(adapter, "base", null, directory)).isInstanceOf(InputException.class)
                .hasMessageContainingAll("init_lora_weights", path, "Conv1D", "Lora.toPlain");
        Peft.save(Lora.toPlain(adapter), "base", null, directory);
        assertThat(Peft.config(directory).rank()).isEqualTo(16);
    }

    /** PEFT writes the weight of a head beside its adapter, as it is without the start. */
    @Test
    void aHeadIsWrittenAsTheAdapterHasItAndFoundAgain() {
        TaskModel<?, ?, ?> model = Fixtures.base("llama-lm");
        Tensor whole = model.namedParameters().get("lm_head.weight").value().copy();
        LoraAdapter adapter = Lora.attach(model, LoraConfig.lora().rank(4).targets("lm_head", "q_proj").initialization(
                new Pissa()).build(), 1);
        Tensor reduced = model.namedParameters().get("lm_head.weight").value().copy();
        assertThat(reduced.toArray()).isNotEqualTo(whole.toArray());
        adapter.merge();
        Peft.save(adapter, "base", null, directory);
        assertThat(Fixtures.tensors(directory.resolve("adapter_model.safetensors"))
                .get("base_model.model.lm_head.base_layer.weight").toArray()).isEqualTo(reduced.toArray());
        adapter.detach();
        Peft.load(model, directory);
        assertThat(model.namedParameters().get("lm_head.weight").value().toArray()).isEqualTo(reduced.toArray());
    }
}
