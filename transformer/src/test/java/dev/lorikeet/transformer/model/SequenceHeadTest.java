package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Thresholds;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.HeadChoice;
import dev.lorikeet.transformer.task.MultiLabelClassification;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.SequenceClassification;
import dev.lorikeet.transformer.task.SequenceRegression;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SequenceHeadTest {
    @TempDir
    private Path directory;

    private TaskModel<?, ?, ?> load(int labels, String field) {
        return load(TinyModel.GPT2, labels, field);
    }

    private TaskModel<?, ?, ?> load(String gpt2, int labels, String field) {
        Map<String, Tensor> tensors = TinyModel.gpt2("transformer.");
        TinyBert.add(tensors, "score.weight " + labels + " 8");
        String config = gpt2.replace("LMHeadModel", "ForSequenceClassification").replace("\"n_layer\"",
                field + ", \"n_layer\"");
        return TinyModel.load(directory, config, tensors);
    }

    private static float[] logits(TaskModel<?, ?, ?> model, int[]... sequences) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return model.logits(tape, Batch.of(List.of(sequences))).value().toArray();
        }
    }

    @Test
    void aDecoderReadsTheLastTokenThatIsNotPadding() {
        TaskModel<?, ?, ?> model = load(3, "\"num_labels\": 3");
        float[] logits = logits(model, new int[] {1, 2}, new int[] {1, 2, 0, 0}, new int[] {1, 0, 2, 0});
        assertThat(Arrays.copyOfRange(logits, 3, 6)).isEqualTo(Arrays.copyOf(logits, 3));
        assertThat(Arrays.copyOfRange(logits, 6, 9)).isNotEqualTo(Arrays.copyOf(logits, 3));
        assertThat(logits(model, new int[] {0, 0})).as("all padding: the first").isEqualTo(logits(model, new int[1]));
        TaskModel<?, ?, ?> unpadded = load(TinyModel.GPT2.replace("\"pad_token_id\": 0", "\"pad_token_id\": null"), 3,
                "\"num_labels\": 3");
        assertThat(logits(unpadded, new int[] {1, 2, 0})).as("no padding: the last")
                .isNotEqualTo(logits(model, new int[] {1, 2, 0}));
    }

    private Outputs outputs(int labels, String field) {
        return ((SequenceHead) load(labels, field).head()).outputs();
    }

    @Test
    void theOutputsAreClassesOrNumbers() {
        TaskModel<?, ?, ?> regression = load(1, "\"num_labels\": 1");
        assertThat(regression.task()).isEqualTo(Tasks.pretrainedRegression(List.of("LABEL_0")));
        TaskModel<?, ?, ?> classes = load(2, "\"id2label\": {\"0\": \"a\", \"1\": \"b\"}");
        assertThat(classes.task()).isEqualTo(Tasks.pretrainedClassification(List.of("a", "b")));
        assertThat(outputs(2, "\"n_ctx\": 6")).as("transformers' default")
                .isEqualTo(new Outputs(List.of("LABEL_0", "LABEL_1"), Outputs.Problem.SINGLE_LABEL));
        assertThat(outputs(3, "\"num_labels\": 3, \"problem_type\": \"regression\"").problem())
                .isEqualTo(Outputs.Problem.REGRESSION);
        TaskModel<?, ?, ?> labels = load(2, "\"problem_type\": \"multi_label_classification\"");
        assertThat(labels.task()).isEqualTo(new MultiLabelClassification<>(Reading.TEXT, List.of("LABEL_0", "LABEL_1"),
                HeadChoice.PRETRAINED, Thresholds.usual(2)));
    }

    @Test
    void theLossOfNumbersIsTheMeanOfSquares() {
        SequenceRegression<String> task = Tasks.pretrainedRegression(List.of("a"));
        List<Encoded> examples = List.of(Encoded.of(new int[] {1}, 0).numbers(3), Encoded.of(new int[] {2}, 0).numbers(
                5));
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            Variable logits = Variable.constant(Tensor.of(new float[] {1, 2}, 2, 1));
            assertThat(task.loss(tape, logits, examples, 2).item()).isEqualTo((4f + 9) / 2);
            assertThatThrownBy(() -> task.loss(tape, logits, List.of(Encoded.of(new int[] {1}, 0).numbers(1, 2)), 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("regression: 2 targets of example 0 for 1 outputs");
        }
    }

    @Test
    void aNewHeadIsDrawnAndSaysItsClasses() {
        TinyModel.write(directory, TinyModel.GPT2, TinyModel.gpt2("transformer."));
        SequenceClassification<String> task = Tasks.pretrainedClassification(List.of("cat", "dog", "no"));
        TaskModel<?, ?, ?> model = TaskModel.of(Model.load(directory), task, 3);
        assertThat(model.head().isNew()).isTrue();
        assertThat(model.head().className()).isEqualTo("GPT2ForSequenceClassification");
        assertThat(model.find("score")).isNotNull();
        float[] expected = logits(model, new int[] {1, 2});
        assertThat(logits(TaskModel.of(Model.load(directory), task, 3), new int[] {1, 2})).isEqualTo(expected);
        assertThat(logits(TaskModel.of(Model.load(directory), task, 4), new int[] {1, 2})).isNotEqualTo(expected);
        Path written = directory.resolve("written");
        model.saveMerged(written);
        TaskModel<?, ?, ?> again = TaskModel.load(written);
        assertThat(again.task()).isEqualTo(task);
        assertThat(again.head().isNew()).isFalse();
        assertThat(logits(again, new int[] {1, 2})).isEqualTo(expected);
        assertThatThrownBy(() -> Model.load(directory).newHead("LMHeadModel",
                new Outputs(List.of(), Outputs.Problem.SINGLE_LABEL), 1))
                .isInstanceOf(InputException.class).hasMessageEndingWith(
                        "architectures: the files have no GPT2LMHeadModel, and its head is not made new");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "id2label": 3       | id2label: an object is expected, not 3
            "id2label": {}      | id2label: must have at least one label
            "id2label": {"1": "a", "2": "b"} | id2label: has the numbers 1, 2, 0 to 1 are expected
            "id2label": {"0": "a", "1": "a"} | id2label: "a" is there twice
            "id2label": {"0": "a", "1": " "} | id2label: " " is no name
            "id2label": {"0": "a", "1": "b"}, "num_labels": 3 | num_labels: 3 contradicts the 2 of id2label
            "num_labels": 1, "problem_type": "single_label_classification" | problem_type: "single_label_classification" needs more than one label
            "num_labels": -1    | num_labels: must be at least 1, not -1
            "problem_type": "ranking" | problem_type: "ranking" is not one of regression, single_label_classification, multi_label_classification
            """)
    void refusesOutputsThatItDoesNotKnow(String field, String expected) {
        assertThatThrownBy(() -> load(2, field)).isInstanceOf(InputException.class)
                .hasMessage(directory.resolve("config.json") + ": " + expected);
    }
}
