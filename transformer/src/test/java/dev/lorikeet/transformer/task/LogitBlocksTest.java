package dev.lorikeet.transformer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.model.Model;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Blocks of rows give what all rows at once give. */
class LogitBlocksTest {
    private static final Path FIXTURES = Path.of(System.getProperty("lorikeet.basedir"), "fixtures");
    private static final List<String> TEXTS = List.of("the small bird sings .", "a tree grows near the river .",
            "birds and cats");
    private static final List<Completion> PAIRS = List.of(new Completion("what does a bird do?", " it sings."),
            new Completion("the old cat", " sleeps under the tree."), new Completion("a", "b"));

    private record Told(double loss, Map<String, float[]> gradients) {}

    private static <X> Told told(Path directory, CausalLanguageModel<X> task, List<X> inputs, int most,
            boolean trained) {
        TaskModel<X, X, Double> model = TaskModel.of(Model.load(directory), task, 0);
        model.unfreeze(trained ? ".*" : ".*layers.*");
        List<Encoded> examples = inputs.stream().map(input -> model.encode(input, input)).toList();
        try (Tape tape = Tape.training(Cpu.shared(), new Workspace(), 3)) {
            Variable loss = new LogitBlocks(model, task, tape, examples, most).loss(17, new TargetWeights(0.1f,
                    List.of()));
            tape.backward(loss);
            Map<String, float[]> gradients = new HashMap<>();
            model.namedParameters().forEach((name, parameter) -> {
                if (parameter.gradient() != null) {
                    gradients.put(name, parameter.gradient().toArray());
                }
            });
            return new Told(loss.item(), gradients);
        }
    }

    /** Gradients behind the head have the same bits; those of its table are sums in another order. */
    @ParameterizedTest
    @CsvSource({"1, true", "90, false", "300, true", "3000, false"})
    void lossesAndGradientsAreTheSame(int most, boolean trained) {
        check(FIXTURES.resolve("language_models/llama"), CausalLanguageModel.ofTexts(0), TEXTS, most, trained);
        check(FIXTURES.resolve("completions/model"), Tasks.completion(), PAIRS, most, trained);
    }

    private static <X> void check(Path directory, CausalLanguageModel<X> task, List<X> inputs, int most,
            boolean trained) {
        Told whole = told(directory, task, inputs, Integer.MAX_VALUE, trained);
        Told blocks = told(directory, task, inputs, most, trained);
        assertThat(blocks.loss).isCloseTo(whole.loss, within(1e-6));
        assertThat(blocks.gradients.keySet()).isEqualTo(whole.gradients.keySet()).isNotEmpty();
        blocks.gradients.forEach((name, gradient) -> {
            if (name.contains("layers")) {
                assertThat(gradient).as(name).isEqualTo(whole.gradients.get(name));
            } else {
                assertThat(gradient).as(name).containsExactly(whole.gradients.get(name), within(1e-5f));
            }
        });
    }
}
