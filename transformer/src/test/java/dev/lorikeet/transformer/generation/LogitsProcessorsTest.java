package dev.lorikeet.transformer.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.primitive.IntList;
import dev.lorikeet.transformer.settings.Setting;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** {@link LogitsProcessors} beside what transformers' made of the logits of a Llama and a GPT-2. */
class LogitsProcessorsTest {
    private static final Path RECORDED = Path.of(System.getProperty("lorikeet.fixtures", "fixtures"), "generation");
    private static final SpecialTokens NO_ENDS = new SpecialTokens(List.of(), SpecialTokens.NONE, SpecialTokens.NONE,
            List.of());

    @TestFactory
    Stream<DynamicTest> scoresAreThoseOfTransformers() {
        return JsonObject.read(RECORDED.resolve("cases.json")).objects("cases").stream()
                .map(each -> DynamicTest.dynamicTest(each.string("name"), () -> check(each)));
    }

    private static void check(JsonObject recorded) {
        GenerationSettings settings = GenerationSettings.defaults();
        for (Setting<?> setting : GenerationSettings.ALL) {
            String field = setting.key().replace('-', '_');
            if (recorded.object("arguments").has(field)) {
                settings = with(settings, setting, recorded.object("arguments").fields().get(field));
            }
        }
        List<Integer> ends = recorded.list("eos_token_id").stream().map(Integer.class::cast).toList();
        try (TensorFile file = Safetensors.open(RECORDED.resolve("generation.safetensors"))) {
            Tensor logits = file.read(recorded.string("name") + ".logits");
            Tensor expected = file.read(recorded.string("name") + ".scores");
            float[] ids = file.read(recorded.string("name") + ".ids").toArray();
            LogitsProcessors processors = new LogitsProcessors(Cpu.shared(), settings, NO_ENDS.endingIn(ends),
                    recorded.integer("prompt"), Integer.MAX_VALUE, logits.dim(1));
            for (int step = 0; step < logits.dim(0); step++) {
                float[] scores = logits.rows(step, step + 1).toArray();
                processors.process(first(ids, recorded.integer("prompt") + step), scores);
                float[] row = expected.rows(step, step + 1).toArray();
                for (int token = 0; token < row.length; token++) {
                    assertThat(scores[token]).as("step %d, token %d", step, token)
                            .isCloseTo(row[token], within(1e-6f * Math.abs(row[token])));
                }
            }
        }
    }

    private static IntList first(float[] ids, int count) {
        IntList first = new IntList();
        for (int i = 0; i < count; i++) {
            first.add((int) ids[i]);
        }
        return first;
    }

    private static <T> GenerationSettings with(GenerationSettings settings, Setting<T> setting, Object value) {
        return settings.with(setting, setting.read(value));
    }

    /** As BART's, whose last token is an end where a text becomes as long as it may. */
    @Test
    void firstAndLastTokensAreForced() {
        SpecialTokens special = new SpecialTokens(List.of(2), 1, 3, List.of(2));
        LogitsProcessors processors = new LogitsProcessors(Cpu.shared(), GenerationSettings.defaults(), special, 1, 5,
                6);
        assertThat(possible(processors, 1)).containsExactly(3);
        assertThat(possible(processors, 1, 3)).hasSize(6);
        assertThat(possible(processors, 1, 3, 4, 4)).containsExactly(2);
    }

    private static List<Integer> possible(LogitsProcessors processors, int... ids) {
        float[] scores = new float[6];
        processors.process(IntList.of(ids), scores);
        return Stream.iterate(0, i -> i < scores.length, i -> i + 1)
                .filter(i -> scores[i] > Float.NEGATIVE_INFINITY).toList();
    }
}
