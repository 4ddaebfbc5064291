package dev.lorikeet.lora.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.TinyBert;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.kernel.KernelChoice;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Embedder;
import dev.lorikeet.transformer.task.EmbeddingLoss;
import dev.lorikeet.transformer.task.SentenceEmbedding;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sentence encoder with an adapter: the adapter is all that is trained and saved. */
class SentenceEmbeddingTest {
    private static final List<List<String>> TEXTS = List.of(List.of("cat", "cat sits", "dog sits"),
            List.of("dog", "dogs"), List.of("runs", "dog runs", "cats", "cat runs"), List.of("sits", "sits sits"));
    private static final Samples<List<String>, Float> DATA = new Samples<>("texts", TEXTS,
            Collections.nCopies(TEXTS.size(), SentenceEmbedding.NO_SCORE));

    @TempDir
    private Path directory;
    private Path base;

    @BeforeEach
    void write() throws IOException {
        base = Files.createDirectory(directory.resolve("base"));
        TinyBert.write(base, 1);
    }

    private TaskModel<List<String>, Float, float[][]> model(int threads) {
        return TaskModel.of(Model.load(base, LoadOptions.STANDARD.with(new Cpu(KernelChoice.made().kernels(),
                new Workers(threads)))), Tasks.embedding(EmbeddingLoss.multipleNegativesRanking()), 0);
    }

    private static LoraAdapter attach(TaskModel<?, ?, ?> model) {
        return Lora.attach(model, LoraConfig.rslora().rank(4).alpha(16).targets("all-linear").build(), 5);
    }

    private static List<Step> train(TaskModel<List<String>, Float, float[][]> model) {
        return Trainer.of(model).settings(TrainingSettings.defaults().withEpochs(60).withRates(0.01, 0)).run(DATA)
                .steps();
    }

    @Test
    void isTrainedSavedLoadedAndMerged() throws IOException {
        TaskModel<List<String>, Float, float[][]> model = model(1);
        LoraAdapter adapter = attach(model);
        List<Step> steps = train(model);
        assertThat(steps.getLast().loss()).isLessThan(0.5 * steps.getFirst().loss());
        Path run = directory.resolve("run");
        model.save(run);
        try (Stream<Path> files = Files.walk(run)) {
            assertThat(files.filter(Files::isRegularFile).map(run::relativize)).containsExactlyInAnyOrder(
                    Path.of("adapter/adapter_config.json"), Path.of("adapter/adapter_model.safetensors"),
                    Path.of("task.json"));
        }
        assertThat(JsonObject.read(run.resolve("adapter/adapter_config.json")).string("task_type"))
                .isEqualTo("FEATURE_EXTRACTION");
        TaskModel<?, ?, ?> loaded = TaskModel.load(run);
        assertThat(loaded.task()).isEqualTo(model.task());
        List<String> texts = TEXTS.get(2);
        float[][] embeddings = model.predict(texts);
        assertThat(Embedder.of(loaded).embed(texts)).isDeepEqualTo(embeddings);
        assertThat(Embedder.of(model(1)).embed(texts)[0]).isNotEqualTo(embeddings[0]);

        Path merged = directory.resolve("merged");
        assertThatThrownBy(() -> model.saveMerged(merged)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has an adapter, merge or detach");
        adapter.merge();
        model.saveMerged(merged);
        assertThat(merged.resolve("modules.json")).exists();
        assertThat(Embedder.of(TaskModel.load(merged)).embed(texts)).isDeepEqualTo(model.predict(texts));
    }

    @Test
    void oneThreadAndTwoTrainTheSameBits() {
        TaskModel<List<String>, Float, float[][]> one = model(1);
        TaskModel<List<String>, Float, float[][]> two = model(2);
        attach(one);
        attach(two);
        assertThat(train(two)).extracting(Step::loss).isEqualTo(train(one).stream().map(Step::loss).toList());
        assertThat(two.predict(TEXTS.getFirst())).isDeepEqualTo(one.predict(TEXTS.getFirst()));
    }
}
