package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SequenceClassifierTest {
    @TempDir
    private Path directory;

    private SequenceClassifier load(int labels, String field) {
        return load(TinyModel.GPT2, labels, field);
    }

    private SequenceClassifier load(String gpt2, int labels, String field) {
        Map<String, Tensor> tensors = TinyModel.gpt2("transformer.");
        TinyBert.add(tensors, "score.weight " + labels + " 8");
        String config = gpt2.replace("LMHeadModel", "ForSequenceClassification").replace("\"n_layer\"",
                field + ", \"n_layer\"");
        return (SequenceClassifier) TinyModel.load(directory, config, tensors);
    }

    private static float[] logits(SequenceClassifier model, int[]... sequences) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return model.forward(tape, Batch.of(List.of(sequences))).value().toArray();
        }
    }

    @Test
    void aDecoderReadsTheLastTokenThatIsNotPadding() {
        SequenceClassifier model = load(3, "\"num_labels\": 3");
        float[] logits = logits(model, new int[] {1, 2}, new int[] {1, 2, 0, 0}, new int[] {1, 0, 2, 0});
        assertThat(Arrays.copyOfRange(logits, 3, 6)).isEqualTo(Arrays.copyOf(logits, 3));
        assertThat(Arrays.copyOfRange(logits, 6, 9)).isNotEqualTo(Arrays.copyOf(logits, 3));
        assertThat(logits(model, new int[] {0, 0})).as("all padding: the first").isEqualTo(logits(model, new int[1]));
        SequenceClassifier unpadded = load(TinyModel.GPT2.replace("\"pad_token_id\": 0", "\"pad_token_id\": null"), 3,
                "\"num_labels\": 3");
        assertThat(logits(unpadded, new int[] {1, 2, 0})).as("no padding: the last")
                .isNotEqualTo(logits(model, new int[] {1, 2, 0}));
    }

    @Test
    void theLossIsOneOfClassesOrOfNumbers() {
        Batch batch = Batch.of(List.of(new int[] {1}, new int[] {2}));
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            Variable logits = Variable.constant(Tensor.of(new float[] {1, 2}, 2, 1));
            Tensor targets = Tensor.of(new float[] {3, 5}, 2);
            SequenceClassifier regression = load(1, "\"num_labels\": 1");
            assertThat(regression.isRegression()).isTrue();
            assertThat(regression.loss(tape, logits, targets).item()).isEqualTo((4f + 9) / 2);
            assertThatThrownBy(() -> regression.loss(tape, logits, batch, new int[2]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("loss: GPT2ForSequenceClassification is a regression, whose targets are numbers");
            assertThatThrownBy(() -> regression.loss(tape, logits, Tensor.zeros(3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("meanSquaredError: shapes differ, x (2, 1), target (3)");
            SequenceClassifier classes = load(2, "\"id2label\": {\"0\": \"a\", \"1\": \"b\"}");
            assertThat(classes.isRegression()).isFalse();
            assertThat(classes.labels()).isEqualTo(2);
            assertThatThrownBy(() -> classes.loss(tape, logits, targets)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("loss: GPT2ForSequenceClassification is no regression, its labels are classes");
        }
        assertThat(load(2, "\"n_ctx\": 6").labels()).as("transformers' default").isEqualTo(2);
        assertThat(load(3, "\"num_labels\": 3, \"problem_type\": \"regression\"").isRegression()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "id2label": 3       | id2label: an object is expected, not 3
            "id2label": {}      | id2label: must have at least one label
            "id2label": {"0": "a", "1": "b"}, "num_labels": 3 | num_labels: 3 contradicts the 2 of id2label
            "num_labels": 1, "problem_type": "single_label_classification" | problem_type: "single_label_classification" needs more than one label
            "num_labels": -1    | num_labels: must be at least 1, not -1
            "problem_type": "multi_label_classification" | problem_type: "multi_label_classification" is not one of regression, single_label_classification
            """)
    void refusesOutputsThatItDoesNotKnow(String field, String expected) {
        assertThatThrownBy(() -> load(2, field)).isInstanceOf(InputException.class)
                .hasMessage(directory.resolve("config.json") + ": " + expected);
    }
}
