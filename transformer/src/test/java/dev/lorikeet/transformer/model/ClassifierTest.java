package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.weights.Safetensors;
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

class ClassifierTest {
    private static final List<String> LABELS = List.of("animal", "an \"act\"\né", "neither");
    private static final List<String> TEXTS = List.of("the cat sits", "dogs", "", "the the the the the the the",
            "runs");

    @TempDir
    private Path directory;
    private Model model;
    private Classifier classifier;

    @BeforeEach
    void load() {
        model = TinyBert.load(directory);
        classifier = new Classifier(model, LABELS, 3);
    }

    @Test
    void aNewHeadIsUniformWithinPyTorchsBound() {
        float[] weight = Classifier.newHead(500, 16, 3).weight().value().toArray();
        double[] sorted = IntStream.range(0, weight.length).mapToDouble(i -> weight[i]).sorted().toArray();
        assertThat(sorted[0]).isBetween(-0.25, -0.24);
        assertThat(sorted[sorted.length - 1]).isBetween(0.24, 0.25);
        assertThat(sorted[sorted.length / 2]).isCloseTo(0, Offset.offset(0.01));
        assertThat(Classifier.newHead(500, 16, 3).weight().value().toArray()).isEqualTo(weight);
        assertThat(Classifier.newHead(500, 16, 4).weight().value().toArray()).isNotEqualTo(weight);
    }

    @Test
    void cutsATextToWhatTheModelReads() {
        assertThat(classifier.encode("the the the the the the the")).containsExactly(2, 4, 4, 4, 4, 3);
        assertThat(classifier.encoding("the the the the the the the").truncated()).isEqualTo(3);
        assertThat(classifier.encoding("the the the the").truncated()).isZero();
        assertThat(classifier.encode("")).containsExactly(2, 3);
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

    private double[] logits(String text) {
        float[] hidden;
        int[] ids = classifier.encode(text);
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            hidden = model.encoder().forward(tape, Batch.of(List.of(ids))).value().toArray();
        }
        Tensor weight = classifier.head().weight().value();
        double[] logits = new double[LABELS.size()];
        for (int label = 0; label < logits.length; label++) {
            logits[label] = classifier.head().bias().value().get(label);
            for (int i = 0; i < hidden.length; i++) {
                logits[label] += weight.get(label, i % 8) * (double) hidden[i] / ids.length;
            }
        }
        return logits;
    }

    @Test
    void aTextAloneHasTheSameBitsAsInABatch() {
        float[] together = logits(TEXTS.stream().map(classifier::encode).toList());
        for (int i = 0; i < TEXTS.size(); i++) {
            assertThat(logits(List.of(classifier.encode(TEXTS.get(i))))).containsExactly(
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
        List<List<Prediction>> expected = TEXTS.stream().map(classifier::predict).toList();
        Classifier fresh = new Classifier(Model.load(directory), LABELS, 3);
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
    void aHeadComesBackFromItsFile() {
        Path file = directory.resolve("head.safetensors");
        classifier.saveHead(file);
        Classifier loaded = Classifier.load(model, file);
        assertThat(loaded.labels()).isEqualTo(LABELS);
        assertThat(loaded.model()).isSameAs(model);
        for (String text : TEXTS) {
            assertThat(loaded.predict(text)).isEqualTo(classifier.predict(text));
        }
        Path again = directory.resolve("again.safetensors");
        loaded.saveHead(again);
        assertThat(again).hasSameBinaryContentAs(file);
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
        assertThatThrownBy(() -> Classifier.load(model, file)).isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + ": ").hasMessageContaining(expected);
    }

    @Test
    void refusesAHeadWithMoreThanOneLayer() {
        Path file = directory.resolve("head.safetensors");
        Safetensors.write(file, Map.of("weight", Tensor.zeros(1, 8), "bias", Tensor.zeros(1), "more", Tensor.zeros(1)),
                Map.of("id2label", Json.write(Map.of("0", "a"))));
        assertThatThrownBy(() -> Classifier.load(model, file)).isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + ": more: ");
    }
}
