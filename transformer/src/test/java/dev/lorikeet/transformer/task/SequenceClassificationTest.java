package dev.lorikeet.transformer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.MeanPooledHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.TinyBert;
import dev.lorikeet.transformer.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SequenceClassificationTest {
    private static final List<String> LABELS = List.of("animal", "an \"act\"\né", "neither");
    private static final List<String> TEXTS = List.of("the cat sits", "dogs", "", "the the the the the the the",
            "runs");

    @TempDir
    private Path directory;
    private Model model;
    private TaskModel<String, Integer, List<Prediction>> classifier;

    @BeforeEach
    void load() {
        model = TinyBert.load(directory);
        classifier = TaskModel.of(model, Tasks.classification(LABELS), 3);
    }

    @Test
    void aNewHeadIsUniformWithinPyTorchsBound() {
        float[] weight = MeanPooledHead.newLayer(500, 16, 3).weight().value().toArray();
        double[] sorted = IntStream.range(0, weight.length).mapToDouble(i -> weight[i]).sorted().toArray();
        assertThat(sorted[0]).isBetween(-0.25, -0.24);
        assertThat(sorted[sorted.length - 1]).isBetween(0.24, 0.25);
        assertThat(sorted[sorted.length / 2]).isCloseTo(0, Offset.offset(0.01));
        assertThat(MeanPooledHead.newLayer(500, 16, 3).weight().value().toArray()).isEqualTo(weight);
        assertThat(MeanPooledHead.newLayer(500, 16, 4).weight().value().toArray()).isNotEqualTo(weight);
    }

    @Test
    void cutsATextToWhatTheModelReads() {
        assertThat(classifier.encode("the the the the the the the", null).ids()).containsExactly(2, 4, 4, 4, 4, 3);
        assertThat(classifier.encode("the the the the the the the", null).truncated()).isEqualTo(3);
        assertThat(classifier.encode("the the the the", null).truncated()).isZero();
        assertThat(classifier.encode("", null).ids()).containsExactly(2, 3);
    }

    /** softmax(W·mean(hidden) + b), in double precision from the encoder's hidden states. */
    @Test
    void predictsTheSoftmaxOfALinearMapOfTheMean() {
        for (String text : TEXTS) {
            double[] exponentials = Arrays.stream(logits(text)).map(Math::exp).toArray();
            double sum = Arrays.stream(exponentials).sum();
            List<Prediction> predictions = classifier.predict(text);
            assertThat(predictions).extracting(Prediction::label).containsExactlyInAnyOrderElementsOf(LABELS);
            assertThat(predictions).extracting(p -> -p.probability()).isSorted();
            for (Prediction prediction : predictions) {
                assertThat((double) prediction.probability()).isCloseTo(
                        exponentials[LABELS.indexOf(prediction.label())] / sum, Offset.offset(1e-6));
            }
            assertThat(predictions.stream().mapToDouble(Prediction::probability).sum()).isCloseTo(1,
                    Offset.offset(1e-6));
        }
    }

    private int[] ids(String text) {
        return classifier.encode(text, null).ids();
    }

    private double[] logits(String text) {
        float[] hidden;
        int[] ids = ids(text);
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            hidden = model.backbone().forward(tape, Batch.of(List.of(ids))).value().toArray();
        }
        Linear head = ((MeanPooledHead) classifier.head()).output();
        Tensor weight = head.weight().value();
        double[] logits = new double[LABELS.size()];
        for (int label = 0; label < logits.length; label++) {
            logits[label] = head.bias().value().get(label);
            for (int i = 0; i < hidden.length; i++) {
                logits[label] += weight.get(label, i % 8) * (double) hidden[i] / ids.length;
            }
        }
        return logits;
    }

    @Test
    void aTextAloneHasTheSameBitsAsInABatch() {
        float[] together = logits(TEXTS.stream().map(this::ids).toList());
        for (int i = 0; i < TEXTS.size(); i++) {
            assertThat(logits(List.of(ids(TEXTS.get(i))))).containsExactly(
                    Arrays.copyOfRange(together, i * 3, i * 3 + 3));
        }
    }

    private float[] logits(List<int[]> sequences) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return classifier.logits(tape, Batch.of(sequences)).value().toArray();
        }
    }

    /** The classifier is new, so that the threads race for its first use too. */
    @Test
    void severalThreadsGetTheSameBits() throws Exception {
        List<List<Prediction>> expected = classifier.predict(TEXTS);
        TaskModel<String, Integer, List<Prediction>> fresh = TaskModel.of(Model.load(directory),
                Tasks.classification(LABELS), 3);
        Callable<Void> reader = () -> {
            for (int i = 0; i < 50; i++) {
                assertThat(fresh.predict(TEXTS.get(i % TEXTS.size()))).isEqualTo(expected.get(i % TEXTS.size()));
            }
            return null;
        };
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (Future<Void> done : threads.invokeAll(List.of(reader, reader, reader, reader))) {
                done.get();
            }
        }
    }

    @Test
    void aTrainedModelComesBackFromItsFiles() {
        Path run = directory.resolve("run");
        classifier.save(run);
        TaskModel<String, Integer, List<Prediction>> loaded = TaskModel.load(run).asClassifier();
        assertThat(loaded.task()).isEqualTo(classifier.task());
        assertThat(loaded.predict(TEXTS)).isEqualTo(classifier.predict(TEXTS));
        Path again = directory.resolve("again");
        loaded.save(again);
        for (String file : List.of("head.safetensors", "task.json", "load.py", "model/model.safetensors")) {
            assertThat(again.resolve(file)).hasSameBinaryContentAs(run.resolve(file));
        }
    }

    @Test
    void refusesATargetThatIsNoClass() {
        for (int wrong : new int[] {-100, -1, 3}) {
            assertThatThrownBy(() -> classifier.encode("the cat", wrong)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("classification: class " + wrong + " of an example is not one of 3");
        }
    }

    @Test
    void refusesATaskThatItDoesNotKnow() throws IOException {
        Path run = directory.resolve("run");
        classifier.save(run);
        Path file = run.resolve("task.json");
        String json = Files.readString(file);
        for (String[] change : new String[][] {
            {"\"format\": 1", "\"format\": 2", "format: 2 is not 1, the one that this version reads"},
            {"sequence-classification", "summaries", "task: \"summaries\" is not one of causal-language-model, "
                    + "masked-language-model, multi-label-classification, question-answering, "
                    + "sentence-embedding, sequence-classification, sequence-regression, sequence-to-sequence, "
                    + "token-classification"},
            {"\"mean\"", "\"max\"", "pooling: \"max\" is not one of mean, pretrained"}}) {
            assertThat(json).contains(change[0]);
            Files.writeString(file, json.replace(change[0], change[1]));
            assertThatThrownBy(() -> TaskModel.load(run)).isInstanceOf(InputException.class)
                    .hasMessage(file + ": " + change[2]);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            2 8 2 | ``                   | __metadata__.id2label: is missing: this is not a head
            2 8 2 | ["a", "b"]           | a JSON object, starting with {, is expected
            2 8 2 | {"0": "a", "2": "b"} | id2label.1: is missing, a string is expected
            2 8 2 | {"0": "a", "1": 5}   | id2label.1: a string is expected, not 5
            2 8 2 | {"0": "a"}           | weight: shape (1, 8) is expected from config.json, not (2, 8)
            2 7 2 | {"0": "a", "1": "b"} | weight: shape (2, 8) is expected from config.json, not (2, 7)
            2 8 2 | {}                   | id2label: names no class
            2 8 2 | {"0": "a", "1": "a"} | id2label.1: is "a", which is another class's name already
            2 8 2 | {"0": " ", "1": "a"} | id2label.0: is empty, the name of a class is expected
            2 8 3 | {"0": "a", "1": "b"} | bias: shape (2) is expected from config.json, not (3)
            """)
    void refusesAFileThatIsNoHeadOfThisModel(String dims, String labels, String expected) {
        Path file = directory.resolve("head.safetensors");
        int[] sizes = Arrays.stream(dims.split(" ")).mapToInt(Integer::parseInt).toArray();
        Safetensors.write(file, Map.of("weight", Tensor.zeros(sizes[0], sizes[1]), "bias", Tensor.zeros(sizes[2])),
                labels.isEmpty() ? Map.of() : Map.of("id2label", labels));
        assertThatThrownBy(() -> TaskModel.load(directory)).isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + ": ").hasMessageContaining(expected);
    }

    @Test
    void refusesAHeadWithMoreThanOneLayer() {
        Path file = directory.resolve("head.safetensors");
        Safetensors.write(file, Map.of("weight", Tensor.zeros(1, 8), "bias", Tensor.zeros(1), "more", Tensor.zeros(1)),
                Map.of("id2label", Json.write(Map.of("0", "a"))));
        assertThatThrownBy(() -> TaskModel.load(directory)).isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + ": more: ");
    }
}
