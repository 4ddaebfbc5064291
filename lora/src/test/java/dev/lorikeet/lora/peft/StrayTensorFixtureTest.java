package dev.lorikeet.lora.peft;

import static dev.lorikeet.lora.peft.Fixtures.assertSameBits;
import static dev.lorikeet.lora.peft.Fixtures.logits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.lora.Initialization;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.weights.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tensors in adapters' files that no target and no module to save asks for, and other names than the usual ones. */
class StrayTensorFixtureTest {
    private static final String HEAD = "base_model.model.lm_head.weight";

    @TempDir
    Path directory;

    @Test
    void tablesOfAVocabularyThatGrewAreThoseOfTheBase() {
        Trial trial = Trial.of("resized-vocabulary");
        TaskModel<?, ?, ?> model = trial.base("base-resized");
        LoraAdapter adapter = Peft.read(model, trial.adapter()).attach();
        assertThat(trial.distance(logits(model, trial.batch()), "adapter")).isLessThan(1e-5);
        assertThat(adapter.saved()).isEmpty();
        adapter.detach();
        assertThat(trial.distance(logits(model, trial.batch()), "base")).isLessThan(1e-5);
    }

    /** Rows of new tokens are random numbers, so another base with as many has others: PEFT takes the adapter's. */
    @Test
    void tablesOfAVocabularyThatGrewTakeThePlaceOfOthers() {
        Trial trial = Trial.of("resized-vocabulary");
        TaskModel<?, ?, ?> model = trial.base("base-resized");
        for (String path : new String[] {"model.embed_tokens.weight", "lm_head.weight"}) {
            Parameter table = model.namedParameters().get(path);
            Tensor rows = table.value().copy();
            rows.rows(12, 14).fill(0.3f);
            table.set(rows);
        }
        Tensor base = logits(model, trial.batch());
        LoraAdapter adapter = Peft.read(model, trial.adapter()).attach();
        Tensor adapted = logits(model, trial.batch());
        assertThat(trial.distance(adapted, "adapter")).isLessThan(1e-5);
        assertThat(adapter.saved()).containsOnlyKeys("model.embed_tokens.weight", "lm_head.weight");
        assertThat(adapter.parameters().values()).as("the tables are not trained").hasSize(2)
                .doesNotContainAnyElementsOf(adapter.saved().values());
        Peft.save(adapter, "base", null, directory);
        assertThat(names(directory)).isEqualTo(names(trial.adapter()));
        adapter.detach();
        assertSameBits("detached", logits(model, trial.batch()), base);
        Peft.load(model, directory);
        assertSameBits("written and read", logits(model, trial.batch()), adapted);
    }

    @Test
    void aVocabularyOfAnotherSizeIsRefusedByBothSizes() {
        Trial trial = Trial.of("resized-vocabulary");
        refused(trial.base(), trial.adapter(), "adapter_model.safetensors: " + HEAD
                + ": the adapter was trained with a vocabulary of 14, this model has one of 12: it is for the model "
                + "with the resized embeddings");
    }

    @Test
    void aHeadThatTheModelHasNotIsRefusedByItsName() {
        Trial trial = Trial.of("head-only-in-adapter");
        refused(trial.base(), trial.adapter(), "adapter_model.safetensors: base_model.model.score.weight: the model, a "
                + "LlamaForCausalLM, has no module score");
    }

    @Test
    void aTiedHeadFollowsTheTableOfTheFile() {
        Trial trial = Trial.of("tied-modules-to-save");
        Map<String, Tensor> tensors = tensors(trial.adapter());
        Tensor table = tensors.get("base_model.model.transformer.wte.weight");
        tensors.put(HEAD, table);
        write(trial.adapter(), tensors, Map.of());
        refused(trial.base(), directory, "adapter_model.safetensors: " + HEAD + ": the head is tied to "
                + "transformer.wte.weight in this model, and adapter_config.json saves that one alone");
        write(trial.adapter(), tensors, Map.of("modules_to_save", List.of()));
        TaskModel<?, ?, ?> model = trial.base();
        LoraAdapter adapter = Peft.read(model, directory).attach();
        assertThat(adapter.saved()).containsOnlyKeys("transformer.wte.weight");
        TaskModel<?, ?, ?> other = trial.base();
        other.namedParameters().get("transformer.wte.weight").set(table);
        tensors.keySet().removeIf(name -> !name.contains("lora_"));
        write(trial.adapter(), tensors, Map.of("modules_to_save", List.of()));
        Peft.load(other, directory);
        assertSameBits("both from the file", logits(model, trial.batch()), logits(other, trial.batch()));

        tensors.put(HEAD, table);
        Tensor another = table.copy();
        another.data()[3] += 1;
        tensors.put("base_model.model.transformer.wte.weight", another);
        write(trial.adapter(), tensors, Map.of("modules_to_save", List.of()));
        assertThatThrownBy(() -> Peft.load(trial.base(), directory)).isInstanceOf(InputException.class)
                .hasMessageContaining("it must be that of " + HEAD + ", to which the model ties it");
    }

    @ParameterizedTest
    @ValueSource(strings = {".lora_magnitude_vector=.lora_magnitude_vector.weight",
        ".lora_magnitude_vector=.lora_magnitude_vector.default.weight", ".lora_A.weight=.lora_A.default.weight",
        ".lora_B.weight=.lora_B.default.weight"})
    void namesThatPeftReadsToo(String change) {
        Path folder = Fixtures.directory().resolve("dora-bert");
        String[] ends = change.split("=");
        write(folder, renamed(folder, name -> name.replace(ends[0], ends[1])), Map.of());
        TaskModel<?, ?, ?> model = Fixtures.base(folder);
        LoraAdapter adapter = Peft.read(model, directory).attach();
        Map<String, Tensor> tensors = tensors(folder);
        adapter.namedParameters().forEach((path, parameter) -> assertThat(tensors.values()).as(path)
                .anyMatch(tensor -> Arrays.equals(tensor.toArray(), parameter.value().toArray())));
    }

    @Test
    void namesThatPeftDoesNotFindAreRefused() {
        Path folder = Fixtures.directory().resolve("dora-bert");
        write(folder, renamed(folder, name -> name.replace("lora_A.weight", "lora_A.mine.weight")), Map.of());
        refused(Fixtures.base(folder), directory,
                "lora_A.weight: is missing, target_modules of adapter_config.json asks for it");
    }

    @Test
    void nullAsInitializationIsNoneAndAnEmptyBaseIsNoBase() {
        Path folder = Fixtures.directory().resolve("lora-default");
        Map<String, Object> changes = new LinkedHashMap<>();
        changes.put("init_lora_weights", null);
        changes.put("base_model_name_or_path", "");
        write(folder, tensors(folder), changes);
        assertThat(Peft.config(directory).initialization()).isEqualTo(Initialization.NONE);
        assertThat(Peft.baseModelId(directory)).isNull();
    }

    private static void refused(TaskModel<?, ?, ?> model, Path adapter, String message) {
        assertThatThrownBy(() -> Peft.load(model, adapter)).isInstanceOf(InputException.class)
                .hasMessageContaining(message);
        assertThat(model.namedParameters().keySet()).noneMatch(path -> path.contains("lora_"));
    }

    private void write(Path config, Map<String, Tensor> tensors, Map<String, Object> changes) {
        Map<String, Object> fields = Json.readObject(config.resolve("adapter_config.json"));
        fields.putAll(changes);
        try {
            Files.writeString(directory.resolve("adapter_config.json"), Json.write(fields));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Safetensors.write(directory.resolve("adapter_model.safetensors"), tensors, Map.of());
    }

    private static Map<String, Tensor> renamed(Path folder, UnaryOperator<String> change) {
        Map<String, Tensor> renamed = new LinkedHashMap<>();
        tensors(folder).forEach((name, tensor) -> renamed.put(change.apply(name), tensor));
        return renamed;
    }

    private static Map<String, Tensor> tensors(Path adapter) {
        return Fixtures.tensors(adapter.resolve("adapter_model.safetensors"));
    }

    private static Set<String> names(Path adapter) {
        return tensors(adapter).keySet();
    }
}
