package dev.lorikeet.lora.peft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A token classifier that PEFT saved says of words what it says in transformers: {@code tags}. */
class TokenClassificationFixtureTest {
    private static final Offset<Double> CLOSE = Offset.offset(1e-5);

    private JsonObject expected;
    private TaskModel<List<String>, List<String>, List<String>> model;

    @BeforeEach
    void load() {
        Path directory = Path.of(System.getProperty("lorikeet.basedir", ""), "fixtures/tags");
        expected = JsonObject.read(directory.resolve("expected.json"));
        model = TaskModel.of(Model.load(directory.resolve("base")), Tasks.tokenClassification(strings(expected,
                "labels")), 1);
        Peft.read(model.peftRoot(), directory.resolve("adapter")).attach();
    }

    private static List<String> strings(JsonObject json, String field) {
        return json.list(field).stream().map(String::valueOf).toList();
    }

    @Test
    void saysTheTagsThatTransformersSays() {
        for (JsonObject sentence : expected.objects("sentences")) {
            List<String> words = strings(sentence, "words");
            assertThat(model.predict(words)).as("%s", words).isEqualTo(strings(sentence, "tags"));
        }
    }

    @Test
    void theLogitsOfEachWordAreItsFirstTokens() {
        for (JsonObject sentence : expected.objects("sentences")) {
            List<String> words = strings(sentence, "words");
            Encoded encoded = model.encode(words, null);
            int[] starts = encoded.places();
            List<?> rows = sentence.list("logits");
            assertThat(starts).as("%s", words).hasSize(rows.size());
            try (Tape tape = Tape.inference(model.compute(), new Workspace())) {
                Tensor logits = model.logits(tape, Encoded.batch(List.of(encoded))).value();
                for (int word = 0; word < starts.length; word++) {
                    assertThat(starts[word] < 0).as("word %d of %s", word, words).isEqualTo(rows.get(word) == null);
                    if (rows.get(word) instanceof List<?> row) {
                        for (int label = 0; label < row.size(); label++) {
                            assertThat((double) logits.get(starts[word], label)).as("word %d of %s", word, words)
                                    .isCloseTo(((Number) row.get(label)).doubleValue(), CLOSE);
                        }
                    }
                }
            }
        }
    }
}
