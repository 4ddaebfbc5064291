package dev.lorikeet.lora.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraConfigBuilder;
import dev.lorikeet.lora.WeightInitialization;
import dev.lorikeet.lora.rank.AdaLora;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.weights.DType;
import dev.lorikeet.transformer.weights.GgufFile;
import dev.lorikeet.transformer.weights.GgufWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What llama.cpp computes with the file, by its formula on the recorded bases' own tensors. */
class GgufAdapterTest {
    private static final Path MODELS = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "gguf", "models");
    private static final int[] TEXT = {5, 17, 96, 40, 3, 17};

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"bert-q8_0", "gemma2-f16", "gemma3-q4_0", "gpt2-f16", "gptneox-q8_0", "llama",
        "llama-bf16", "llama-rope-q8_0", "phi3-q5_1", "qwen2-q4_1", "qwen3-q5_0"})
    void theBaseWithTheFileIsTheModelWithTheAdapter(String name) {
        Model base = model(name);
        LoraAdapter adapter = attach(base.backbone(), LoraConfig.rslora().rank(4).alpha(6)
                .targetPattern(".*(q_proj|k_proj|v_proj|o_proj|query|key|value|c_attn|c_proj|query_key_value|dense"
                        + "|qkv_proj|gate_up_proj|up_proj|gate_proj|down_proj|c_fc|dense_h_to_4h|dense_4h_to_h)")
                .rankPattern("q_proj|query|c_attn|query_key_value|qkv_proj", 8)
                .alphaPattern("v_proj|value|c_fc|dense_4h_to_h|down_proj", 1));
        Path file = directory.resolve("lora.gguf");
        GgufAdapter.write(adapter, base, DType.F32, file);
        requireSame(hidden(base), hidden(Model.load(merged(MODELS.resolve(name + ".gguf"), file))));
    }

    /** An embedding's A lies transposed, since llama.cpp looks its rows up; a head of its own is a matrix as others. */
    @Test
    void embeddingsAndHeadsAreAdaptedWhereTheyAreApart() {
        Model base = model("llama");
        TaskModel<?, ?, ?> whole = TaskModel.of(base);
        LoraAdapter adapter = attach(whole, LoraConfig.lora().rank(4).alpha(8).targets("embed_tokens", "lm_head"));
        Path file = directory.resolve("lora.gguf");
        GgufAdapter.write(adapter, base, DType.F32, file);
        try (GgufFile written = GgufFile.open(file)) {
            assertThat(written.names()).containsExactlyInAnyOrder("token_embd.weight.lora_a",
                    "token_embd.weight.lora_b", "output.weight.lora_a", "output.weight.lora_b");
            assertThat(written.shape("token_embd.weight.lora_a").dims()).containsExactly(97, 4);
            assertThat(written.shape("output.weight.lora_a").dims()).containsExactly(4, 64);
        }
        requireSame(logits(whole), logits(TaskModel.of(Model.load(merged(MODELS.resolve("llama.gguf"), file)))));
    }

    @Test
    void saysWhatItIs() {
        Model base = model("llama");
        LoraAdapter plain = attach(base.backbone(), LoraConfig.lora().rank(8).alpha(16).targets("q_proj"));
        assertThat(GgufAdapter.obstacle(plain, base)).isNull();
        Path file = directory.resolve("plain.gguf");
        GgufAdapter.write(plain, base, DType.F16, file);
        try (GgufFile written = GgufFile.open(file)) {
            assertThat(written.values().string("general.architecture")).isEqualTo("llama");
            assertThat(written.values().string("general.type")).isEqualTo("adapter");
            assertThat(written.values().string("adapter.type")).isEqualTo("lora");
            assertThat(written.values().number("adapter.lora.alpha")).isEqualTo(16);
            assertThat(written.values().integer("general.file_type")).isEqualTo(1);
            assertThat(written.dtype("blk.0.attn_q.weight.lora_a")).isEqualTo(DType.F16);
        }
        plain.detach();
        LoraAdapter root = attach(base.backbone(), LoraConfig.rslora().rank(16).alpha(3).targets("v_proj"));
        GgufAdapter.write(root, base, DType.F32, directory.resolve("root.gguf"));
        try (GgufFile written = GgufFile.open(directory.resolve("root.gguf"))) {
            assertThat(written.values().number("adapter.lora.alpha")).as("α·√r").isEqualTo(12);
            assertThat(written.read("blk.1.attn_v.weight.lora_b").toArray()).as("nothing is folded into B")
                    .containsExactly(root.layers().get("layers.1.self_attn.v_proj").b().value().toArray());
        }
    }

    /** AdaLoRA's λ and what PiSSA took out of the base are in A and B. */
    @Test
    void othersOfTheFamilyBecomePlain() {
        for (LoraConfigBuilder config : List.of(LoraConfig.lora().rank(4).alpha(8)
                .initialization(new WeightInitialization.Pissa()),
                LoraConfig.lora().rank(4).alpha(8).adaLora(AdaLora.defaults().withTotalSteps(100)))) {
            Model base = model("llama");
            LoraAdapter adapter = attach(base.backbone(), config.targets("q_proj", "down_proj"));
            Path file = directory.resolve(adapter.peftType() + ".gguf");
            GgufAdapter.write(adapter, base, DType.F32, file);
            requireSame(hidden(base), hidden(Model.load(merged(MODELS.resolve("llama.gguf"), file))));
        }
    }

    @Test
    void whatHasNoPlaceIsRefused() {
        requireRefusal("llama", LoraConfig.lora().dora(true).targets("q_proj"), "dora (use_dora): a GGUF adapter is "
                + "B·A alone, and has no place for it; merge writes a whole model");
        requireRefusal("llama", LoraConfig.lora().loraBias(true).targets("q_proj"), "loraBias (lora_bias): a GGUF");
        requireRefusal("llama", LoraConfig.lora().targets("q_proj").modulesToSave("norm"),
                "modulesToSave (modules_to_save) or bias: a GGUF");
        requireRefusal("llama-rope-q8_0", LoraConfig.lora().targets("embed_tokens"), "targets (target_modules): "
                + "embed_tokens is an embedding with a head tied to it, which llama.cpp would change too");
        requireRefusal("bert-q8_0", LoraConfig.lora().targets("position_embeddings"), "targets (target_modules): "
                + "embeddings.position_embeddings is an embedding to which llama.cpp adds no adapter");
    }

    private void requireRefusal(String name, LoraConfigBuilder config, String rule) {
        Model base = model(name);
        LoraAdapter adapter = Lora.attach(base.backbone(), config.build(), 1);
        assertThat(GgufAdapter.obstacle(adapter, base)).startsWith(rule);
        assertThatThrownBy(() -> GgufAdapter.write(adapter, base, DType.F32, directory.resolve("refused.gguf")))
                .isInstanceOf(InputException.class).hasMessageStartingWith(rule);
        assertThat(directory.resolve("refused.gguf")).doesNotExist();
    }

    private static Model model(String name) {
        return Model.load(MODELS.resolve(name + ".gguf"));
    }

    /** With a B·A that is not zero. */
    private static LoraAdapter attach(Module root, LoraConfigBuilder config) {
        LoraAdapter adapter = Lora.attach(root, config.build(), 1);
        adapter.namedParameters().values().forEach(parameter -> Random.fillUniform(parameter.value(), 0.3f,
                parameter.shape().size()));
        return adapter;
    }

    /** W + alpha/r·B·A for each tensor, as llama.cpp has it: {@code llama_adapter_lora_weight::get_scale}. */
    private Path merged(Path base, Path adapter) {
        Path to = directory.resolve("merged.gguf");
        try (GgufFile file = GgufFile.open(base); GgufFile lora = GgufFile.open(adapter)) {
            GgufWriter writer = new GgufWriter(file.values().string("general.architecture"));
            file.values().keys().stream().filter(key -> !key.startsWith("general."))
                    .forEach(key -> writer.put(key, file.values()));
            float alpha = (float) lora.values().number("adapter.lora.alpha");
            int used = 0;
            for (String name : file.names()) {
                Tensor w = file.read(name);
                if (lora.names().contains(name + ".lora_a")) {
                    Tensor a = lora.read(name + ".lora_a");
                    Tensor b = lora.read(name + ".lora_b");
                    add(w, a, b, alpha / b.dim(1), name.startsWith("token_embd"));
                    used += 2;
                }
                writer.tensor(name, w.shape(), DType.F32, () -> w);
            }
            assertThat(lora.names()).as("all find a tensor of the base").hasSize(used);
            writer.write(to);
        }
        return to;
    }

    /** @param words whether this is looked up: a (entries, r), b (hidden, r) */
    private static void add(Tensor w, Tensor a, Tensor b, float scale, boolean words) {
        for (int row = 0; row < w.dim(0); row++) {
            for (int column = 0; column < w.dim(1); column++) {
                double sum = 0;
                for (int k = 0; k < b.dim(1); k++) {
                    sum += words ? (double) a.get(row, k) * b.get(column, k)
                            : (double) b.get(row, k) * a.get(k, column);
                }
                w.data()[w.offset() + row * w.dim(1) + column] += (float) (scale * sum);
            }
        }
    }

    private static float[] hidden(Model model) {
        Batch batch = Batch.of(List.of(TEXT));
        try (Tape tape = Tape.inference(model.compute(), new Workspace())) {
            Pass pass = batch.pass(tape);
            return model.backbone().forward(pass, batch).value().toArray();
        }
    }

    private static float[] logits(TaskModel<?, ?, ?> model) {
        try (Tape tape = Tape.inference(model.compute(), new Workspace())) {
            return model.logits(tape, Batch.of(List.of(TEXT))).value().toArray();
        }
    }

    private static void requireSame(float[] adapted, float[] merged) {
        assertThat(adapted).usingComparatorWithPrecision(2e-4f).containsExactly(merged);
    }
}
