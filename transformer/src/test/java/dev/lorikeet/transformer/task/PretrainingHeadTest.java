package dev.lorikeet.transformer.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.model.MaskedHead;
import dev.lorikeet.transformer.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What pre-training left has two heads, of which the masked one is as it is in the files, not a new one. */
class PretrainingHeadTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"bert_base", "albert_sequence"})
    void theMaskedHeadOfPretrainingIsThatOfTheFiles(String base) throws IOException {
        Path fixture = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "models", base);
        TaskModel<?, ?, ?> fresh = TaskModel.of(Model.load(fixture), Tasks.maskedLanguageModel(), 3);
        Path saved = directory.resolve("model");
        fresh.saveMerged(saved);
        Path config = saved.resolve("config.json");
        String json = Files.readString(config);
        assertThat(json).contains("ForMaskedLM");
        Files.writeString(config, json.replace("ForMaskedLM", "ForPreTraining"));
        TaskModel<?, ?, ?> again = TaskModel.of(Model.load(saved), Tasks.maskedLanguageModel(), 4);
        assertThat(again.head()).isInstanceOf(MaskedHead.class);
        assertThat(again.head().namedParameters()).isNotEmpty().allSatisfy((name, parameter) -> assertThat(
                parameter.value().toArray()).as(name)
                .isEqualTo(fresh.head().namedParameters().get(name).value().toArray()));
    }
}
