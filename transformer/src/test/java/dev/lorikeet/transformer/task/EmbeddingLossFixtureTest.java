package dev.lorikeet.transformer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.JsonObject;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Losses and gradients that sentence-transformers recorded, {@code fixtures/make_embeddings.py}. */
class EmbeddingLossFixtureTest {
    private static final double ROUNDING = 2e-6;

    @TestFactory
    Stream<DynamicTest> areSentenceTransformers() {
        return JsonObject.read(Path.of(System.getProperty("lorikeet.basedir", ""), "fixtures/embeddings/losses.json"))
                .objects("cases").stream().map(each -> DynamicTest.dynamicTest(each.string("name"), () -> check(each)));
    }

    private static void check(JsonObject recorded) {
        EmbeddingLoss loss = EmbeddingLoss.read(recorded);
        Tensor embeddings = matrix(recorded.list("embeddings"));
        int texts = recorded.integer("texts");
        List<?> scores = recorded.list("scores");
        List<Encoded> examples = IntStream.range(0, embeddings.dim(0) / texts).mapToObj(i -> {
            Encoded example = Encoded.of(Collections.nCopies(texts, Encoded.of(new int[] {2}, 0)));
            return loss.isScored() ? example.numbers(((Number) scores.get(i)).floatValue()) : example;
        }).toList();
        Variable leaf = Variable.leaf(embeddings);
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            Variable value = Tasks.embedding(loss).loss(tape, leaf, examples, examples.size());
            assertThat((double) value.item()).isCloseTo(recorded.number("value"), within(ROUNDING));
            tape.backward(value);
        }
        float[] expected = matrix(recorded.list("gradient")).toArray();
        float[] gradient = leaf.gradientOrThrow().toArray();
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) gradient[i]).as("element %d", i).isCloseTo(expected[i], within(ROUNDING));
        }
    }

    /** {@code fixtures/make_triplets.py}. */
    @Test
    void tripletAccuracyIsSentenceTransformers() {
        List<JsonObject> cases = JsonObject.read(Path.of(System.getProperty("lorikeet.basedir", ""),
                "fixtures/embeddings/triplets.json")).objects("cases");
        assertThat(cases).hasSize(3);
        for (JsonObject recorded : cases) {
            Tensor embeddings = matrix(recorded.list("embeddings"));
            RetrievalMeter meter = new RetrievalMeter();
            meter.add(embeddings, IntStream.range(0, embeddings.dim(0) / 3).mapToObj(i -> Encoded.of(
                    IntStream.range(0, 3).mapToObj(text -> Encoded.of(new int[] {3 * i + text}, 0)).toList()))
                    .toList());
            assertThat(meter.result(0).metric("triplet_accuracy")).isCloseTo(recorded.number("accuracy"), within(1e-6));
        }
    }

    static Tensor matrix(List<?> rows) {
        Tensor matrix = Tensor.zeros(rows.size(), ((List<?>) rows.getFirst()).size());
        int at = 0;
        for (Object row : rows) {
            for (Object element : (List<?>) row) {
                matrix.data()[at++] = ((Number) element).floatValue();
            }
        }
        return matrix;
    }
}
