package dev.lorikeet.transformer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.kernel.KernelChoice;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.data.Input;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.data.TableFormat;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Fit;
import dev.lorikeet.transformer.model.EmbeddingHead.Pooling;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.TinyBert;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SentenceEmbeddingTest {
    private static final List<List<String>> TRIPLETS = List.of(List.of("the cat", "cat sits", "dogs sits"),
            List.of("runs", "dog runs", "cats"), List.of("dog", "the dogs", "the cat runs"),
            List.of("cats sits", "sits sits", "dogs dogs"), List.of("the the", "sits", "cat"),
            List.of("cat runs", "runs runs cat", "dog runs"));

    @TempDir
    private Path directory;
    private Model model;

    @BeforeEach
    void load() {
        model = TinyBert.load(directory);
    }

    static List<EmbeddingLoss> losses() {
        return List.of(EmbeddingLoss.multipleNegativesRanking(), EmbeddingLoss.cosineSimilarity(),
                EmbeddingLoss.contrastive(), new EmbeddingLoss.Triplet(0.5f));
    }

    /** Three texts where the loss compares so many, else two; scores are 0 and 1. */
    private static Samples<List<String>, Float> data(EmbeddingLoss loss) {
        int count = Math.min(3, loss.mostTexts());
        List<List<String>> texts = TRIPLETS.stream().map(each -> each.subList(0, count)).toList();
        List<Float> scores = loss.isScored() ? IntStream.range(0, texts.size()).mapToObj(i -> (float) (i % 2)).toList()
                : Collections.nCopies(texts.size(), SentenceEmbedding.NO_SCORE);
        return new Samples<>("texts", texts, scores);
    }

    private TaskModel<List<String>, Float, float[][]> fresh(EmbeddingLoss loss, LoadOptions options) {
        return TaskModel.of(Model.load(directory, options), Tasks.embedding(loss), 0);
    }

    private static List<Step> train(TaskModel<List<String>, Float, float[][]> model, EmbeddingLoss loss) {
        model.backbone().unfreeze();
        return Trainer.of(model).settings(TrainingSettings.defaults().withEpochs(150).withBatchSize(3)
                .with(TrainingSettings.ACCUMULATION, 2).withRates(0.01, 0)).run(data(loss)).steps();
    }

    @ParameterizedTest
    @MethodSource("losses")
    void learnsSavesAndLoads(EmbeddingLoss loss) throws IOException {
        TaskModel<List<String>, Float, float[][]> tuned = fresh(loss, LoadOptions.STANDARD);
        Evaluation before = Trainer.of(tuned).evaluate(data(loss));
        List<Step> steps = train(tuned, loss);
        Evaluation after = Trainer.of(tuned).evaluate(data(loss));
        assertThat(steps.getLast().loss()).isLessThan(0.5 * steps.getFirst().loss());
        assertThat(after.mainMetric()).isEqualTo(loss.isScored() ? "spearman" : "mrr_10");
        assertThat(after.main()).isGreaterThan(before.main()).isGreaterThan(loss.isScored() ? 0.85 : 0.9);

        Path run = directory.resolve("run");
        tuned.save(run);
        TaskModel<?, ?, ?> loaded = TaskModel.load(run);
        assertThat(loaded.task()).isEqualTo(tuned.task());
        assertThat(loaded.trainableCount()).isZero();
        List<String> texts = TRIPLETS.getFirst();
        assertThat(Embedder.of(loaded).embed(texts)).isDeepEqualTo(tuned.predict(texts));
        Path again = directory.resolve("again");
        loaded.save(again);
        for (String file : List.of("task.json", "model/modules.json", "model/model.safetensors",
                "model/1_Pooling/config.json")) {
            assertThat(again.resolve(file)).hasSameBinaryContentAs(run.resolve(file));
        }
        assertThat(JsonObject.read(run.resolve("task.json")).string("loss")).isEqualTo(loss.fileName());
        assertThat(run).isDirectoryNotContaining("glob:**head.safetensors");
        Path merged = directory.resolve("merged");
        tuned.saveMerged(merged);
        assertThat(Files.readString(merged.resolve("modules.json"))).contains("2_Normalize");
        assertThat(Model.load(merged).pooling()).isEqualTo(tuned.task() instanceof SentenceEmbedding task
                ? task.pooling()
                : null);
        assertThat(Embedder.of(TaskModel.load(merged)).embed(texts)).isDeepEqualTo(tuned.predict(texts));
    }

    @ParameterizedTest
    @MethodSource("losses")
    void oneThreadAndTwoGiveTheSameBits(EmbeddingLoss loss) {
        float[][][] embeddings = new float[2][][];
        for (int threads = 1; threads <= 2; threads++) {
            TaskModel<List<String>, Float, float[][]> tuned = fresh(loss,
                    LoadOptions.STANDARD.with(new Cpu(KernelChoice.made().kernels(), new Workers(threads))));
            train(tuned, loss);
            embeddings[threads - 1] = tuned.predict(TRIPLETS.getLast());
        }
        assertThat(embeddings[1]).isDeepEqualTo(embeddings[0]);
    }

    @Test
    void theDigestTellsWhereSequencesEnd() {
        TaskModel<List<String>, Float, float[][]> any = fresh(EmbeddingLoss.multipleNegativesRanking(),
                LoadOptions.STANDARD);
        Encoded two = Encoded.of(List.of(Encoded.of(new int[] {2, 3}, 0), Encoded.of(new int[] {4}, 0)));
        Encoded other = Encoded.of(List.of(Encoded.of(new int[] {2}, 0), Encoded.of(new int[] {3, 4}, 0)));
        Encoded one = Encoded.of(new int[] {2, 3, 4}, 0);
        assertThat(List.of(two, other, one)).extracting(each -> new EncodedDataset(any, List.of(each)).digest())
                .doesNotHaveDuplicates();
        assertThat(new EncodedDataset(any, List.of(one)).digest()).as("as before there were several")
                .isEqualTo("44b8a25fb61c7e8195a78560c599dae9d1e73412f29cca814567c94cc8908f35");
        assertThat(new EncodedDataset(any, List.of(two, one)).tokens(0)).isEqualTo(3);
    }

    /** One finds its positive first, one behind another's hard negative, one behind all that are not its own. */
    @Test
    void anchorsFindTheirPositivesAmongAllTexts() {
        Meter meter = Tasks.embedding(EmbeddingLoss.multipleNegativesRanking()).meter();
        double[] angles = {0, 10, 90, 120, 91, 90, 95, 180, 0};
        int[] ids = {1, 2, 3, 4, 5, 3, 6, 7, 2}; // anchor 3 stands there twice, with another positive each time
        Tensor embeddings = Tensor.zeros(angles.length, 2);
        Encoded[] texts = new Encoded[ids.length];
        for (int i = 0; i < ids.length; i++) {
            embeddings.data()[2 * i] = 3 * (float) Math.cos(Math.toRadians(angles[i]));
            embeddings.data()[2 * i + 1] = 3 * (float) Math.sin(Math.toRadians(angles[i]));
            texts[i] = Encoded.of(new int[] {ids[i]}, 0);
        }
        meter.add(embeddings.rows(0, 5), List.of(Encoded.of(List.of(texts[0], texts[1])),
                Encoded.of(List.of(texts[2], texts[3], texts[4]))));
        meter.add(embeddings.rows(5, 9), List.of(Encoded.of(List.of(texts[5], texts[6])),
                Encoded.of(List.of(texts[7], texts[8]))));
        Evaluation result = meter.result(7);
        // anchor 3 finds 5 (not its own), then its positives 6 and 4; anchor 7 finds 4, 6, 5 and last 2
        assertThat(result.main()).isCloseTo((1 + 0.5 + 0.25) / 3, within(1e-9));
        assertThat(result.metrics()).containsOnlyKeys("mrr_10", "ndcg_10", "recall_10", "triplet_accuracy");
        assertThat(result.metric("recall_10")).isEqualTo(1);
        assertThat(result.metric("triplet_accuracy")).as("the negative of 3 is nearer than its positive").isZero();
        assertThat(result.loss()).isEqualTo(7);
    }

    /** All embeddings are one, so that each ranking is that of the first ten texts, of so many as are kept. */
    @Test
    void looksAtNoMoreThanTenThousandTexts() {
        Meter meter = Tasks.embedding(EmbeddingLoss.multipleNegativesRanking()).meter();
        Tensor embeddings = Tensor.zeros(1000, 2);
        embeddings.fill(1);
        for (int batch = 0; batch < 21; batch++) {
            int from = 500 * batch;
            meter.add(embeddings, IntStream.range(from, from + 500).mapToObj(i -> Encoded.of(List.of(
                    Encoded.of(new int[] {i}, 0), Encoded.of(new int[] {-1, i}, 0)))).toList());
        }
        assertThat(meter.result(0).metric("recall_10")).isCloseTo(10 / 10_000.0, within(1e-12));
    }

    @Test
    void cosinesAreComparedWithScores() {
        Meter meter = Tasks.embedding(EmbeddingLoss.cosineSimilarity()).meter();
        Tensor embeddings = Tensor.of(new float[] {2, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1, -2, -2}, 8, 2);
        meter.add(embeddings, IntStream.range(0, 4).mapToObj(i -> Encoded.of(List.of(Encoded.of(new int[] {2}, 0),
                Encoded.of(new int[] {3}, 0))).numbers(new float[] {1, 0.25f, 0.2f, -1}[i])).toList());
        Evaluation result = meter.result(0);
        assertThat(((Fit) result.details()).predicted()).containsExactly(1, 0, 0, -1);
        assertThat(result.metrics()).containsOnlyKeys("spearman", "pearson");
        assertThat(result.mainMetric()).isEqualTo("spearman");
        assertThat(result.main()).isCloseTo(0.948683298050514, within(1e-12));
    }

    @Test
    void readsTheTextsAndScoresOfAFile() throws IOException {
        Path file = directory.resolve("pairs.csv");
        Files.writeString(file, "a,score,b\nthe cat,4.0,cats\ndog,0.5,runs\n");
        Samples<List<String>, Float> data = new Table(file, TableFormat.STANDARD)
                .samples(Input.texts(List.of("a", "b")), List.of("score"), row -> row.number(0) / 5);
        assertThat(data.inputs()).containsExactly(List.of("the cat", "cats"), List.of("dog", "runs"));
        assertThat(data.targets()).containsExactly(0.8f, 0.1f);
    }

    @Test
    void refusesExamplesThatTheLossDoesNotCompare() {
        String two = "embedding: %d texts of an example, %s compares %s";
        assertRefused(EmbeddingLoss.cosineSimilarity(), 3, 1f, two.formatted(3, "cosine-similarity", "2"));
        assertRefused(EmbeddingLoss.contrastive(), 1, 1f, two.formatted(1, "contrastive", "2"));
        assertRefused(EmbeddingLoss.triplet(), 2, Float.NaN, two.formatted(2, "triplet", "3"));
        assertRefused(EmbeddingLoss.multipleNegativesRanking(), 1, Float.NaN,
                two.formatted(1, "multiple-negatives-ranking", "at least 2"));
        assertRefused(EmbeddingLoss.multipleNegativesRanking(), 2, 1f,
                "embedding: an example with the score 1.0, multiple-negatives-ranking needs none");
        assertRefused(EmbeddingLoss.contrastive(), 2, Float.NaN,
                "embedding: an example without a score, contrastive needs one");
        assertRefused(EmbeddingLoss.contrastive(), 2, 0.5f, "contrastive: the score 0.5 is neither 0 nor 1");
        assertRefused(EmbeddingLoss.cosineSimilarity(), 2, 5f, "cosine-similarity: the score 5.0 is not in [-1, 1], "
                + "where cosines are; divide scores by the largest there may be");
        assertRefused(EmbeddingLoss.triplet(), 0, Float.NaN, "embedding: an example without a text");
    }

    private void assertRefused(EmbeddingLoss loss, int texts, float score, String message) {
        TaskModel<List<String>, Float, float[][]> any = TaskModel.of(model, Tasks.embedding(loss), 0);
        assertThatThrownBy(() -> any.encode(Collections.nCopies(texts, "cat"), score))
                .isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    @Test
    void refusesAFileThatIsWrong() throws IOException {
        Path run = directory.resolve("run");
        TaskModel.of(model, new SentenceEmbedding(Pooling.LAST_TOKEN, false, new EmbeddingLoss.Contrastive(0.75f)), 0)
                .save(run);
        Path file = run.resolve("task.json");
        String json = Files.readString(file);
        assertThat(TaskModel.load(run).task()).isEqualTo(
                new SentenceEmbedding(Pooling.LAST_TOKEN, false, new EmbeddingLoss.Contrastive(0.75f)));
        for (String[] change : new String[][] {
            {"lasttoken", "max", "pooling: \"max\" is not one of mean, cls, lasttoken"},
            {"\"contrastive\"", "\"mine\"", "loss: \"mine\" is not one of multiple-negatives-ranking, "
                    + "cosine-similarity, contrastive, triplet"},
            {"0.75", "0", "margin: 0.0 is not in (0, 2]"}}) {
            assertThat(json).contains(change[0]);
            Files.writeString(file, json.replace(change[0], change[1]));
            assertThatThrownBy(() -> TaskModel.load(run)).isInstanceOf(InputException.class)
                    .hasMessage(file + ": " + change[2]);
        }
    }
}
