package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.lora.peft.Peft;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.model.Backbone;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An encoder whose files have a pooler, which its hidden states do without. */
class ReachedTargetsTest {
    private static final String POOLER = "pooler.dense";

    @TempDir
    private Path directory;
    private Backbone plain;
    private Backbone pooled;

    @BeforeEach
    void load() throws IOException {
        Path without = Files.createDirectories(directory.resolve("without"));
        TinyBert.write(without, 1);
        Path with = Files.createDirectories(directory.resolve("with"));
        Files.copy(without.resolve("config.json"), with.resolve("config.json"));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try (TensorFile weights = Safetensors.open(without.resolve("model.safetensors"))) {
            weights.names().forEach(name -> tensors.put(name, weights.read(name)));
        }
        tensors.put(POOLER + ".weight", tensors.get("encoder.layer.0.attention.output.dense.weight"));
        tensors.put(POOLER + ".bias", tensors.get("encoder.layer.0.attention.output.dense.bias"));
        Safetensors.write(with.resolve("model.safetensors"), tensors, Map.of());
        plain = Model.load(without).backbone();
        pooled = Model.load(with).backbone();
    }

    @Test
    void thePoolerIsNoTargetByChance() {
        for (Consumer<LoraConfigBuilder> targets : List.<Consumer<LoraConfigBuilder>>of(
                builder -> builder.targets("all-linear"), builder -> builder.targets("dense"),
                builder -> builder.targetPattern(".*dense"),
                builder -> builder.targets("dense").excludes("intermediate.dense"),
                builder -> builder.targets("dense").excludePattern(".*intermediate.*"))) {
            LoraConfigBuilder builder = LoraConfig.lora();
            targets.accept(builder);
            LoraAdapter ofPlain = Lora.attach(plain, builder.build(), 1);
            LoraAdapter ofPooled = Lora.attach(pooled, builder.build(), 1);
            assertThat(ofPooled.layers().keySet()).isNotEmpty().isEqualTo(ofPlain.layers().keySet());
            Peft.save(ofPooled, "base", null, directory);
            ofPlain.detach();
            ofPooled.detach();
            for (Backbone base : List.of(plain, pooled)) {
                LoraAdapter loaded = Peft.read(base, directory).attach();
                assertThat(loaded.layers().keySet()).isEqualTo(ofPlain.layers().keySet());
                loaded.detach();
            }
        }
    }

    @Test
    void thePoolerIsATargetWhereItIsNamed() {
        for (LoraConfig config : List.of(LoraConfig.lora().targets("query", POOLER).build(),
                LoraConfig.lora().targetPattern(".*(query|pooler\\.dense)").build())) {
            LoraAdapter adapter = Lora.attach(pooled, config, 1);
            assertThat(adapter.layers()).hasSize(4).containsKey(POOLER);
            assertThat(adapter.config()).isEqualTo(config);
            adapter.detach();
        }
    }
}
