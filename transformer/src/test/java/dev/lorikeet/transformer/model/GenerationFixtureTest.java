package dev.lorikeet.transformer.model;

import static dev.lorikeet.transformer.model.RecordedModel.ints;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.GenerationListener;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.generation.Prompt;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.settings.Setting;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What models write, token for token what transformers had them write, from recorded cases. */
class GenerationFixtureTest {
    private static final float SCORE = 1e-4f;

    @TestFactory
    Stream<DynamicTest> cases() throws IOException {
        return RecordedModel.tests(false, GenerationFixtureTest::check);
    }

    private static void check(RecordedModel recorded) {
        List<JsonObject> records = recorded.recorded().has("generation") ? recorded.recorded().objects("generation")
                : List.of();
        try (TensorFile expected = Safetensors.open(recorded.expected())) {
            assertThat(expected.names()).filteredOn(name -> name.endsWith(".ids")).hasSameSizeAs(records);
            if (!records.isEmpty()) {
                Model model = Model.load(recorded.directory(), "recorded", recorded.config(), LoadOptions.STANDARD);
                Generator generator = Generator.ofTokens(model);
                records.forEach(record -> check(generator, record, expected,
                        model.backbone() instanceof EncoderDecoder));
            }
        }
    }

    private static void check(Generator generator, JsonObject record, TensorFile expected, boolean seq2seq) {
        String name = record.string("name");
        GenerationSettings settings = generator.settings();
        for (Setting<?> setting : GenerationSettings.ALL) {
            String field = setting.key().replace('-', '_');
            if (record.object("arguments").has(field)) {
                settings = with(settings, setting, record.object("arguments").fields().get(field));
            }
        }
        int[] prompt = ints(expected.read(name + ".prompt"));
        List<Generation> texts = generator.generate(List.of(Prompt.of(prompt)), settings, GenerationListener.NONE);
        Tensor ids = expected.read(name + ".ids");
        Tensor rows = ids.shape().rank() == 1 ? ids.reshape(1, ids.size()) : ids;
        assertThat(texts).hasSize(rows.dim(0));
        int from = seq2seq ? 1 : prompt.length;
        List<?> lengths = record.list("new_tokens");
        for (int i = 0; i < texts.size(); i++) {
            int[] row = ints(rows.rows(i, i + 1));
            assertThat(texts.get(i).ids()).as("%s, text %d", name, i)
                    .isEqualTo(Arrays.copyOfRange(row, from, from + (Integer) lengths.get(i)));
            if (settings.numBeams() > 1) {
                assertThat(texts.get(i).score()).as(name + ".scores")
                        .isCloseTo(expected.read(name + ".scores").toArray()[i], within(SCORE));
            }
        }
    }

    private static <T> GenerationSettings with(GenerationSettings settings, Setting<T> setting, Object value) {
        return settings.with(setting, setting.read(value));
    }
}
