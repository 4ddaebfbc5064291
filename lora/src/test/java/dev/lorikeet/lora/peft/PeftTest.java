package dev.lorikeet.lora.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.lora.Initialization;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.LoraConfigBuilder;
import dev.lorikeet.lora.TaskType;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeftTest {
    /** Two blocks of two layers, and a head. */
    private static final class Net extends Module {
        Net() {
            for (String path : List.of("layer.0.query", "layer.0.dense", "layer.1.query", "layer.1.dense",
                    "classifier")) {
                child(path, new Linear(Tensor.zeros(6, 6), Tensor.zeros(6)));
            }
        }
    }

    private final Module model = new Net();
    @TempDir
    Path directory;

    private LoraAdapter adapter(LoraConfigBuilder builder) {
        LoraAdapter adapter = Lora.attach(model, builder.rank(2).initialization(Initialization.NONE).build(), 3);
        adapter.detach();
        return adapter;
    }

    @Test
    void whatIsLoadedIsWrittenAgainWithTheSameBytes() throws IOException {
        LoraAdapter adapter = adapter(LoraConfig.rslora().alpha(11.5).dropout(0.1).targets("query", "dense")
                .excludePattern(".*0\\.dense").layersToTransform(List.of(0, 1)).layersPattern(List.of("layer"))
                .rankPattern("1.query", 1).taskType(TaskType.SEQ_CLS));
        Peft.save(adapter, "base", "sha256:1", directory);
        LoraAdapter loaded = Peft.read(new Net(), directory, "sha256:1").attach();
        assertThat(loaded.config()).isEqualTo(adapter.config());
        assertThat(loaded.root().trainableCount()).isZero();
        Path again = directory.resolve("again");
        Peft.save(loaded, "base", "sha256:1", again);
        for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
            assertThat(again.resolve(file)).hasSameBinaryContentAs(directory.resolve(file));
        }
        try (var files = Files.list(again)) {
            assertThat(files).as("no temporary files").hasSize(2);
        }
    }

    /** As PEFT's AutoPeftModel reads them, two fields. */
    @Test
    void theRevisionOfABaseAtAHubIsAFieldOfItsOwn() throws IOException {
        LoraAdapter adapter = adapter(LoraConfig.lora().targets("query"));
        for (String base : List.of("org/name@v1", "org/name@refs/pr/1", "org/name", "/models/org/name@v1")) {
            Peft.save(adapter, base, null, directory);
            assertThat(Peft.baseModelId(directory)).isEqualTo(base);
        }
        Path config = directory.resolve("adapter_config.json");
        assertThat(config).content().contains("\"base_model_name_or_path\": \"/models/org/name@v1\"",
                "\"revision\": null");
        Peft.save(adapter, "org/name@v1", null, directory);
        assertThat(config).content().contains("\"base_model_name_or_path\": \"org/name\"", "\"revision\": \"v1\"");
        Files.writeString(config, Files.readString(config).replace("\"v1\"", "\"../v1\""));
        assertThatThrownBy(() -> Peft.baseModelId(directory)).isInstanceOf(InputException.class)
                .hasMessage(config + ": revision: is no branch, tag or commit");
    }

    @Test
    void anAdapterForAnotherBaseIsRefusedByBothHashes() {
        Peft.save(adapter(LoraConfig.lora().targets("query")), "base", "sha256:1", directory);
        assertThatThrownBy(() -> Peft.load(model, directory, "sha256:2")).isInstanceOf(InputException.class)
                .hasMessageContainingAll("adapter_model.safetensors", "base_weights", "sha256:1", "sha256:2");
        assertThat(Peft.read(model, directory).attach().layers()).hasSize(2);
    }

    @Test
    void allLinearIsWrittenAsTheLayersItFound() {
        Peft.save(adapter(LoraConfig.lora().targets("all-linear").taskType(TaskType.SEQ_CLS)), "base", null, directory);
        assertThat(written().get("target_modules")).isEqualTo(
                List.of("layer.0.query", "layer.0.dense", "layer.1.query", "layer.1.dense"));
        assertThat(Peft.read(model, directory).attach().layers()).hasSize(4);
    }

    @Test
    void patternsWhoseOrderMattersAreWrittenLayerByLayer() {
        LoraConfigBuilder builder = LoraConfig.lora().targets("query", "dense").rankPattern("query", 3)
                .rankPattern("layer.*", 4);
        Peft.save(adapter(builder), "base", null, directory);
        assertThat(((Map<?, ?>) written().get("rank_pattern")).values()).hasSize(4);
        LoraAdapter loaded = Peft.read(model, directory).attach();
        assertThat(loaded.layers().get("layer.1.query").rank()).isEqualTo(3);
        assertThat(loaded.layers().get("layer.1.dense").rank()).isEqualTo(4);
    }

    @Test
    void ranksAreCheckedBeforeAnythingIsAllocated() throws IOException {
        Peft.save(adapter(LoraConfig.lora().targets("query")), "base", null, directory);
        Path config = directory.resolve("adapter_config.json");
        Files.writeString(config, Files.readString(config).replace("\"r\": 2,", "\"r\": 300000000,"));
        assertThatThrownBy(() -> Peft.load(model, directory)).isInstanceOf(InputException.class)
                .hasMessageContaining("layer.0.query.lora_A.weight: shape (300000000, 6) is expected");
    }

    private Map<String, Object> written() {
        return Json.readObject(directory.resolve("adapter_config.json"));
    }
}
