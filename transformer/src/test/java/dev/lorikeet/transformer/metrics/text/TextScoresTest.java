package dev.lorikeet.transformer.metrics.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.transformer.io.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Beside what sacreBLEU, NLTK, rouge-score and COCO's evaluation said of the same texts. */
class TextScoresTest {
    private static final Offset<Double> ROUNDING = within(1e-12);
    private static final JsonObject RECORDED = JsonObject.read(Path.of(System.getProperty("lorikeet.basedir", ""),
            "fixtures/metrics/texts.json"));

    @TestFactory
    Stream<DynamicTest> scoresAreTheTools() {
        List<JsonObject> cases = RECORDED.objects("cases");
        assertThat(cases).hasSizeGreaterThan(9);
        return cases.stream().map(each -> DynamicTest.dynamicTest(each.string("name"), () -> {
            TextScores scores = TextScores.of(texts(each));
            assertThat(scores.bleu()).as("BLEU").isCloseTo(each.number("bleu"), ROUNDING);
            assertThat(scores.chrf()).as("chrF").isCloseTo(each.number("chrf"), ROUNDING);
            if (each.has("nist")) {
                assertThat(scores.nist()).as("NIST").isCloseTo(each.number("nist"), ROUNDING);
            }
            assertThat(scores.meteor()).as("METEOR").isCloseTo(each.number("meteor"), ROUNDING);
            assertThat(scores.cider()).as("CIDEr").isCloseTo(each.number("cider"), ROUNDING);
            assertThat(scores.rouge1()).as("ROUGE-1").isCloseTo(each.number("rouge1"), ROUNDING);
            assertThat(scores.rouge2()).as("ROUGE-2").isCloseTo(each.number("rouge2"), ROUNDING);
            assertThat(scores.rougeL()).as("ROUGE-L").isCloseTo(each.number("rougeL"), ROUNDING);
        }));
    }

    private static List<Generated> texts(JsonObject recorded) {
        List<Generated> texts = new ArrayList<>();
        for (int i = 0; i < recorded.list("answers").size(); i++) {
            List<?> references = (List<?>) recorded.list("references").get(i);
            texts.add(new Generated((String) recorded.list("answers").get(i),
                    references.stream().map(String.class::cast).toList()));
        }
        return texts;
    }

    @Test
    void stemsArePorters() {
        List<?> stems = RECORDED.list("stems");
        assertThat(stems).hasSize(2000);
        for (Object each : stems) {
            List<?> pair = (List<?>) each;
            assertThat(PorterStemmer.stem((String) pair.getFirst())).as("%s", pair).isEqualTo(pair.getLast());
        }
    }

    @Test
    void exactMatchesAreWholeTexts() {
        assertThat(TextScores.of(List.of(new Generated(" a b\n", "a b"), new Generated("a b", "a  b"),
                new Generated("A", "a"), new Generated("c", List.of("b", "c")))).exact()).isEqualTo(0.5);
    }

    @Test
    void withoutTextsThereIsNoScore() {
        assertThatThrownBy(() -> TextScores.of(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Generated("a", List.of())).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one reference");
    }
}
