package dev.lorikeet.lora.peft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.TinyBert;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingSettings;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tags of words, learned by LoRA: the head goes with the adapter, as PEFT's {@code TOKEN_CLS} has it. */
class SavedTokenClassificationTest {
    private static final Samples<List<String>, List<String>> DATA = new Samples<>("pets", List.of(
            List.of("cat", "sits"), List.of("dogs", "runs"), List.of("cat", "dog", "sits"), List.of("sits", "cats"),
            List.of("runs", "dog", "cat")),
            List.of(List.of("B-PET", "O"), List.of("B-PET", "O"), List.of("B-PET", "I-PET", "O"),
                    List.of("O", "B-PET"), List.of("O", "B-PET", "I-PET")));

    @TempDir
    private Path directory;
    private Path base;
    private TaskModel<List<String>, List<String>, List<String>> model;
    private LoraAdapter adapter;

    @BeforeEach
    void attach() throws IOException {
        base = Files.createDirectory(directory.resolve("base"));
        TinyBert.write(base, 1);
        model = TaskModel.of(Model.load(base), Tasks.tokenClassification(DATA), 3);
        adapter = Lora.attach(model, LoraConfig.rslora().rank(4).alpha(16).targets("all-linear").build(), 5);
    }

    @Test
    void isLearnedSavedAndLoadedWithItsHead() throws IOException {
        assertThat(model.peftRoot()).isSameAs(model);
        assertThat(adapter.saved()).containsOnlyKeys("classifier.weight", "classifier.bias");
        Trainer<List<String>, List<String>> trainer = Trainer.of(model).settings(TrainingSettings.defaults()
                .withEpochs(80).withBatchSize(5).withRates(0.01, 0.01));
        trainer.run(DATA);
        assertThat(trainer.evaluate(DATA).main()).as("entity F1").isOne();
        Path run = directory.resolve("run");
        model.save(run);
        try (Stream<Path> files = Files.walk(run)) {
            assertThat(files.filter(Files::isRegularFile).map(run::relativize)).containsExactlyInAnyOrder(
                    Path.of("adapter/adapter_config.json"), Path.of("adapter/adapter_model.safetensors"),
                    Path.of("task.json"));
        }
        assertThat(JsonObject.read(run.resolve("adapter/adapter_config.json")).string("task_type"))
                .isEqualTo("TOKEN_CLS");
        try (TensorFile file = Safetensors.open(run.resolve("adapter/adapter_model.safetensors"))) {
            assertThat(file.names()).contains("base_model.model.classifier.weight", "base_model.model.classifier.bias");
        }
        JsonObject task = JsonObject.read(run.resolve("task.json"));
        assertThat(task.string("task")).isEqualTo("token-classification");
        assertThat(task.list("labels")).isEqualTo(List.of("B-PET", "I-PET", "O"));
        TaskModel<List<String>, List<String>, List<String>> loaded = TaskModel.load(run).asTokenClassifier();
        assertThat(loaded.task()).isEqualTo(model.task());
        assertThat(loaded.trainableCount()).isZero();
        assertThat(logits(loaded)).isEqualTo(logits(model));
        assertThat(loaded.predict(DATA.inputs())).isEqualTo(DATA.targets());
    }

    @Test
    void aMergedModelIsHuggingFaces() {
        adapter.merge();
        Path merged = directory.resolve("merged");
        model.saveMerged(merged);
        JsonObject config = JsonObject.read(merged.resolve("config.json"));
        assertThat(config.list("architectures")).isEqualTo(List.of("BertForTokenClassification"));
        assertThat(config.object("id2label").string("1")).isEqualTo("I-PET");
        TaskModel<?, ?, ?> loaded = TaskModel.load(merged, null, LoadOptions.STANDARD);
        assertThat(loaded.task()).isEqualTo(model.task());
        assertThat(logits(loaded)).isEqualTo(logits(model));
    }

    private static float[] logits(TaskModel<?, ?, ?> model) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return model.logits(tape, TinyBert.BATCH).value().toArray();
        }
    }
}
