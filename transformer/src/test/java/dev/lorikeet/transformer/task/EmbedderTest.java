package dev.lorikeet.transformer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.EmbeddingHead.Pooling;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.TinyBert;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class EmbedderTest {
    private static final List<String> TEXTS = IntStream.range(0, 70).mapToObj(i -> List.of("the cat sits", "dogs", "",
            "the the the the the the the", "runs").get(i % 5)).toList();
    /** Of float32 on both sides. */
    private static final double ROUNDING = 2e-6;

    @TempDir
    private Path directory;
    private Model model;

    @BeforeEach
    void load() {
        model = TinyBert.load(directory);
    }

    /** Recorded by {@code fixtures/make_embeddings.py} from the same weights. */
    @TestFactory
    Stream<DynamicTest> areSentenceTransformersOfMiniLm() {
        JsonObject recorded = JsonObject.read(Path.of(System.getProperty("lorikeet.basedir", ""),
                "fixtures/embeddings/sentences.json"));
        Model miniLm = Model.load(recorded.string("model"));
        List<String> texts = recorded.list("texts").stream().map(String.class::cast).toList();
        return recorded.objects("cases").stream().map(each -> DynamicTest.dynamicTest(each.string("name"), () -> {
            Tensor expected = EmbeddingLossFixtureTest.matrix(each.list("embeddings"));
            float[][] own = Embedder.of(miniLm, Pooling.of(each.string("pooling")),
                    each.flag("normalize")).embed(texts);
            for (int i = 0; i < texts.size(); i++) {
                for (int j = 0; j < expected.dim(1); j++) {
                    assertThat((double) own[i][j]).isCloseTo(expected.get(i, j), within(ROUNDING));
                }
            }
        }));
    }

    @Test
    void poolsTheLastHiddenStateOfTheTextAlone() {
        for (Pooling pooling : Pooling.values()) {
            float[][] raw = Embedder.of(model, pooling, false).embed(TEXTS);
            float[][] unit = Embedder.of(model, pooling, true).embed(TEXTS);
            assertThat(raw).hasNumberOfRows(TEXTS.size());
            for (int i = 0; i < 5; i++) {
                double[] expected = pooled(TEXTS.get(i), pooling);
                double norm = Math.sqrt(IntStream.range(0, 8).mapToDouble(k -> expected[k] * expected[k]).sum());
                for (int k = 0; k < 8; k++) {
                    assertThat((double) raw[i][k]).isCloseTo(expected[k], within(1e-6));
                    assertThat((double) unit[i][k]).isCloseTo(expected[k] / norm, within(1e-6));
                }
                assertThat(raw[i + 65]).as("in another batch").containsExactly(raw[i]);
                assertThat(Embedder.of(model, pooling, true).embed(TEXTS.get(i))).containsExactly(unit[i]);
            }
        }
    }

    private double[] pooled(String text, Pooling pooling) {
        int[] ids = model.tokenizer().encode(text, 6).ids();
        float[] hidden;
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            hidden = model.backbone().forward(tape, Batch.of(List.of(ids))).value().toArray();
        }
        return IntStream.range(0, 8).mapToDouble(k -> switch (pooling) {
            case MEAN -> IntStream.range(0, ids.length).mapToDouble(row -> hidden[row * 8 + k]).average().orElseThrow();
            case CLS -> hidden[k];
            case LAST_TOKEN -> hidden[(ids.length - 1) * 8 + k];
        }).toArray();
    }

    @Test
    void putsAPrefixBeforeEachText() {
        Embedder embedder = Embedder.of(model, Pooling.MEAN, true);
        assertThat(embedder.prefix("the ").embed(List.of("cat", "dog")))
                .isDeepEqualTo(embedder.embed(List.of("the cat", "the dog")));
        assertThat(embedder.embed(List.of())).isEmpty();
    }

    @Test
    void cutsToTheFirstDimensions() {
        Embedder whole = Embedder.of(model, Pooling.MEAN, false);
        float[] all = whole.embed("the cat sits");
        assertThat(whole.dimensions()).isEqualTo(8);
        assertThat(whole.dimensions(3).dimensions()).isEqualTo(3);
        assertThat(whole.dimensions(3).embed("the cat sits")).containsExactly(all[0], all[1], all[2]);
        float[] unit = Embedder.of(model, Pooling.MEAN, true).dimensions(3).embed("the cat sits");
        double norm = Math.sqrt(all[0] * all[0] + all[1] * all[1] + all[2] * all[2]);
        for (int i = 0; i < 3; i++) {
            assertThat((double) unit[i]).isCloseTo(all[i] / norm, within(1e-6));
        }
        assertThatThrownBy(() -> whole.dimensions(3).dimensions(4)).hasMessage("embedder: the first 4 of 3 dimensions");
        for (int wrong : new int[] {0, 9}) {
            assertThatThrownBy(() -> whole.dimensions(wrong)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("embedder: the first " + wrong + " of 8 dimensions");
        }
    }

    @Test
    void refusesAModelOfAnotherTask() {
        TaskModel<?, ?, ?> other = TaskModel.of(model, Tasks.classification(List.of("a", "b")), 1);
        assertThatThrownBy(() -> Embedder.of(other)).isInstanceOf(InputException.class)
                .hasMessageEndingWith("is for the task sequence-classification, sentence-embedding is expected");
        assertThatThrownBy(() -> Embedder.cosine(new float[3], new float[4]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cosine: embeddings of 3 and 4 elements");
    }

    /** Beside a prefix null would be the word. */
    @Test
    @SuppressWarnings("NullAway")
    void nullIsNoText() {
        Embedder embedder = Embedder.of(model, Pooling.MEAN, true).prefix("query: ");
        assertThatThrownBy(() -> embedder.embed(Arrays.asList("a", null))).isInstanceOf(NullPointerException.class)
                .hasMessage("embedder: a text is null");
        assertThatThrownBy(() -> embedder.tokens(null)).hasMessage("embedder: a text is null");
        assertThatThrownBy(() -> embedder.prefix(null)).hasMessage("embedder: the prefix is null");
        assertThatThrownBy(() -> Embedder.of(model, null, true)).hasMessage("embedder: the pooling is null");
        TaskModel<String, Integer, List<Prediction>> classifier = TaskModel.of(model,
                Tasks.classification(List.of("a", "b")), 1);
        assertThatThrownBy(() -> classifier.predict(Arrays.asList("a", null))).hasMessage("predict: an input is null");
    }

    @Test
    void severalThreadsGetTheSameBits() throws Exception {
        float[][] expected = Embedder.of(model, Pooling.MEAN, true).embed(TEXTS);
        Embedder fresh = Embedder.of(Model.load(directory), Pooling.MEAN, true);
        Callable<Void> reader = () -> {
            for (int i = 0; i < 50; i++) {
                assertThat(fresh.embed(TEXTS.get(i))).containsExactly(expected[i]);
            }
            return null;
        };
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (Future<Void> done : threads.invokeAll(List.of(reader, reader, reader, reader))) {
                done.get();
            }
        }
    }
}
