package dev.lorikeet.lora.peft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.TinyBert;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TargetWeights;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingSettings;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A masked language model by LoRA: of a new head, what was drawn goes with the adapter, and not its table. */
class SavedLanguageModelTest {
    private static final List<String> TEXTS = List.of("cat sits", "dog runs", "cats sits", "dogs runs");
    private static final Samples<String, String> DATA = new Samples<>("pets", TEXTS, TEXTS);

    @TempDir
    private Path directory;

    @Test
    void aNewHeadIsLearnedSavedAndLoaded() throws IOException {
        Path base = Files.createDirectory(directory.resolve("base"));
        TinyBert.write(base, 1);
        TaskModel<String, String, List<List<Prediction>>> model = TaskModel.of(Model.load(base),
                Tasks.maskedLanguageModel(), 3);
        LoraAdapter adapter = Lora.attach(model,
                LoraConfig.rslora().rank(4).alpha(16).targets("query", "value", "dense").build(), 5);
        assertThat(adapter.saved()).containsOnlyKeys("cls.predictions.transform.dense.weight",
                "cls.predictions.transform.dense.bias", "cls.predictions.transform.LayerNorm.weight",
                "cls.predictions.transform.LayerNorm.bias");
        assertThat(adapter.layers().keySet()).noneMatch(path -> path.startsWith("cls"));
        EncodedDataset data = EncodedDataset.of(model, DATA);
        double before = data.evaluate(4, new Workspace()).main();
        Trainer.of(model).settings(TrainingSettings.defaults().withEpochs(60).withBatchSize(4).withRates(0.02, 0.02))
                .run(DATA);
        double after = data.evaluate(4, new Workspace()).main();
        assertThat(after).isLessThan(before / 2);
        Path run = directory.resolve("run");
        model.save(run);
        JsonObject config = JsonObject.read(run.resolve("adapter/adapter_config.json"));
        assertThat(config.list("modules_to_save")).isEqualTo(List.of("cls.predictions.transform.dense",
                "cls.predictions.transform.LayerNorm"));
        assertThat(config.fields().get("task_type")).as("PEFT has none for it").isNull();
        try (TensorFile file = Safetensors.open(run.resolve("adapter/adapter_model.safetensors"))) {
            assertThat(file.names()).contains("base_model.model.cls.predictions.transform.dense.weight")
                    .noneMatch(name -> name.contains("decoder") || name.contains("word_embeddings"));
        }
        TaskModel<?, ?, ?> loaded = TaskModel.load(run);
        assertThat(loaded.task()).isEqualTo(model.task());
        assertThat(new EncodedDataset(loaded, data.examples(), TargetWeights.PLAIN).evaluate(4, new Workspace()).main())
                .isEqualTo(after);
        adapter.merge();
        Path merged = directory.resolve("merged");
        model.saveMerged(merged);
        assertThat(JsonObject.read(merged.resolve("config.json")).list("architectures"))
                .isEqualTo(List.of("BertForMaskedLM"));
        TaskModel<?, ?, ?> whole = TaskModel.load(merged);
        assertThat(whole.task()).isEqualTo(model.task());
        assertThat(new EncodedDataset(whole, data.examples(), TargetWeights.PLAIN).evaluate(4, new Workspace()).main())
                .isEqualTo(data.evaluate(4, new Workspace()).main());
    }
}
