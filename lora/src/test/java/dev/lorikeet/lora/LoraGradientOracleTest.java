package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Losses;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Loss and gradients on the real all-MiniLM-L6-v2, beside those of a naive model in double precision. */
@Tag("slow")
class LoraGradientOracleTest {
    private static final int RANK = 8;
    private static final int ALPHA = 16;
    private static final int ENTRIES = 200;
    /** Small beside the entries, which are near 0.03, and large beside what rounding in double does to the loss. */
    private static final double STEP = 1e-5;
    /**
     * A whole B would make s·B·A larger than W: a model so jumpy that single gradients lose three digits to float32.
     */
    private static final float SHARE_OF_B = 0.25f;
    private static final int LAYERS_PER_BLOCK = 6;

    private static final List<String> SENTENCES = List.of("the act of walking", "a young dog");
    private static final int[] LABELS = {0, 1};

    @Test
    void gradientsOfAAndBAreTheDifferencesOfTheLoss() {
        TaskModel<String, Integer, List<Prediction>> classifier = TaskModel.of(Model.load("all-MiniLM-L6-v2"),
                Tasks.classification(List.of("act", "animal", "phenomenon")), 1);
        LoraAdapter adapter = Lora.attach(classifier, LoraConfig.rslora().rank(RANK).alpha(ALPHA)
                .targets("all-linear").initialization(Initialization.NONE).build(), 1);
        for (LoraLayer layer : adapter.layers().values()) {
            Elementwise.scale(layer.b().value(), SHARE_OF_B, layer.b().value());
        }
        List<int[]> sentences = SENTENCES.stream().map(text -> classifier.encode(text, null).ids()).toList();
        double loss = backward(classifier, Batch.of(sentences));
        NaiveBert naive = new NaiveBert(classifier, adapter, ALPHA / Math.sqrt(RANK), sentences, LABELS);
        assertThat(loss).isCloseTo(naive.loss(0), within(1e-6));

        List<String> paths = List.copyOf(adapter.layers().keySet());
        assertThat(paths).hasSize(36);
        for (int i = 0; i < ENTRIES; i++) { // layer by layer, in turns one of A and one of B
            int at = i % paths.size();
            LoraLayer layer = adapter.layers().get(paths.get(at));
            boolean inA = i / paths.size() % 2 == 0;
            Parameter parameter = inA ? layer.a() : layer.b();
            int row = draw(parameter.value().dim(0), i, 0);
            int column = draw(parameter.value().dim(1), i, 1);
            NaiveBert.AdaptedLinear copy = naive.linear(paths.get(at));
            double expected = slope(naive, at / LAYERS_PER_BLOCK, (inA ? copy.a() : copy.b())[row], column);
            assertThat((double) parameter.gradientOrThrow().get(row, column))
                    .as("%s of %s at (%d, %d)", inA ? "A" : "B", paths.get(at), row, column)
                    .isCloseTo(expected, within(1e-3 * Math.abs(expected) + 1e-6));
        }
    }

    private static double backward(TaskModel<?, ?, ?> classifier, Batch batch) {
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace())) {
            Variable loss = Losses.crossEntropy(tape, classifier.logits(tape, batch), LABELS);
            tape.backward(loss);
            return loss.item();
        }
    }

    /** The central difference of the loss for {@code entries[i]}, in a layer of {@code block}. */
    private static double slope(NaiveBert naive, int block, double[] entries, int i) {
        double value = entries[i];
        entries[i] = value + STEP;
        double above = naive.loss(block);
        entries[i] = value - STEP;
        double below = naive.loss(block);
        entries[i] = value;
        return (above - below) / (2 * STEP);
    }

    private static int draw(int bound, int entry, int axis) {
        return (int) (Random.uniform(Random.key(5, entry), axis) * bound);
    }
}
