package dev.lorikeet.transformer.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.data.Samples;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.training.EncodedDataset;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What transformers makes of texts, see {@code fixtures/make_language_models.py}. */
class LanguageModelsFixtureTest {
    private static final Path FIXTURES = Path.of(System.getProperty("lorikeet.basedir"), "fixtures/language_models");
    private static final JsonObject EXPECTED = JsonObject.read(FIXTURES.resolve("expected.json"));
    private static final List<String> TEXTS = EXPECTED.objects("texts").stream().map(text -> text.string("text"))
            .toList();
    private static final Samples<String, String> DATA = new Samples<>("texts", TEXTS, TEXTS);

    private final TaskModel<String, String, List<List<Prediction>>> bert = TaskModel
            .of(Model.load(FIXTURES.resolve("bert")), Tasks.maskedLanguageModel(), 0);
    private final TaskModel<String, String, Double> llama = TaskModel.of(Model.load(FIXTURES.resolve("llama")),
            Tasks.causalLanguageModel(), 0);

    private static int[] ints(JsonObject json, String name) {
        return json.list(name).stream().mapToInt(each -> ((Number) each).intValue()).toArray();
    }

    @Test
    void textsHaveTheirIdsAndNoSpecialTokenIsChosen() {
        List<JsonObject> texts = EXPECTED.objects("texts");
        List<Encoded> encoded = EncodedDataset.of(bert, DATA).examples().toList();
        for (int i = 0; i < TEXTS.size(); i++) {
            int[] ids = ints(texts.get(i), "ids");
            assertThat(encoded.get(i).ids()).isEqualTo(ids);
            assertThat(encoded.get(i).places()).isEqualTo(IntStream.range(1, ids.length - 1).toArray());
        }
    }

    @Test
    void theLossOfMasksIsTransformers() {
        List<Encoded> examples = EXPECTED.object("masked").objects("examples").stream()
                .map(each -> Encoded.of(ints(each, "ids"), 0).classes(ints(each, "labels"))).toList();
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            assertThat((double) bert.loss(tape, examples).item())
                    .isCloseTo(EXPECTED.object("masked").number("loss"), within(1e-5));
        }
        assertThat(new EncodedDataset(bert, examples).evaluate(2, new Workspace()).loss())
                .isCloseTo(EXPECTED.object("masked").number("loss"), within(1e-5));
    }

    @Test
    void masksHaveTransformersAnswers() {
        for (JsonObject question : EXPECTED.object("masked").objects("questions")) {
            List<?> expected = question.list("answers");
            List<List<Prediction>> answers = bert.predict(question.string("text"));
            assertThat(answers).hasSameSizeAs(expected);
            for (int mask = 0; mask < answers.size(); mask++) {
                List<?> best = (List<?>) expected.get(mask);
                for (int i = 0; i < best.size(); i++) {
                    Prediction answer = answers.get(mask).get(i);
                    Map<?, ?> own = (Map<?, ?>) best.get(i);
                    assertThat(answer.label()).isEqualTo(own.get("token"));
                    assertThat((double) answer.probability())
                            .isCloseTo(((Number) own.get("probability")).doubleValue(), within(1e-5));
                }
            }
        }
    }

    @Test
    void perplexitiesAreTransformers() {
        JsonObject causal = EXPECTED.object("causal");
        List<Double> perplexities = llama.predict(TEXTS);
        for (int i = 0; i < perplexities.size(); i++) {
            assertThat(perplexities.get(i)).isCloseTo(((Number) causal.list("perplexities").get(i)).doubleValue(),
                    within(1e-3));
        }
        assertThat(EncodedDataset.of(llama, DATA).evaluate(3, new Workspace()).main())
                .isCloseTo(causal.number("perplexity"), within(1e-3));
    }

    /** Of a long text, the shares of what is drawn: the collator's are drawn, too. */
    @Test
    void masksAreDrawnAsTheCollatorDrawsThem() {
        MaskedLanguageModel task = new MaskedLanguageModel(Integer.MAX_VALUE);
        String text = String.join(" ", Collections.nCopies(100, String.join(" ", TEXTS)));
        Encoded whole = task.encode(text, text, bert.model());
        double[] counts = new double[4];
        for (int draw = 0; draw < 10; draw++) {
            Encoded drawn = task.drawn(whole, bert.model(), Random.key(3, draw));
            counts[0] += whole.places().length;
            for (int place : drawn.places()) {
                counts[1]++;
                counts[2] += drawn.ids()[place] == bert.model().tokenizer().maskId() ? 1 : 0;
                counts[3] += drawn.ids()[place] == whole.ids()[place] ? 1 : 0;
            }
        }
        JsonObject collator = EXPECTED.object("collator");
        assertThat(counts[1] / counts[0]).isCloseTo(0.15, within(0.001))
                .isCloseTo(collator.number("chosen"), within(0.005));
        assertThat(counts[2] / counts[1]).isCloseTo(collator.number("masked"), within(0.015));
        assertThat(counts[3] / counts[1]).isCloseTo(collator.number("kept"), within(0.015));
        assertThat(collator.number("special")).isZero();
    }
}
