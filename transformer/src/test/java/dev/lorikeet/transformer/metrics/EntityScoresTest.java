package dev.lorikeet.transformer.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.metrics.ClassScores.Score;
import dev.lorikeet.transformer.metrics.Entities.Entity;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Beside what seqeval said of the same tags. */
class EntityScoresTest {

    @TestFactory
    Stream<DynamicTest> entitiesAreSeqevals() {
        return Recorded.tests("entities.json", "cases", recorded -> {
            List<List<String>> sentences = recorded.rows("actual");
            assertThat(sentences.stream().map(Entities::of)).isEqualTo(entities(recorded, "entities"));
            if (recorded.fields().has("strict_entities")) {
                assertThat(sentences.stream().map(Entities::strict)).isEqualTo(entities(recorded, "strict_entities"));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> scoresAreSeqevals() {
        return Recorded.tests("entities.json", "cases", recorded -> {
            check(recorded, "lenient", false);
            if (recorded.fields().has("strict_each")) {
                check(recorded, "strict", true);
            }
        });
    }

    @Test
    void typesAreInTheirOrder() {
        List<List<String>> tags = List.of(List.of("B-PER", "B-LOC", "O", "S-ORG"));
        assertThat(EntityScores.of(tags, tags, false).each().keySet())
                .containsExactly("LOC", "ORG", "PER");
    }

    @Test
    void withoutEntitiesAllIsZero() {
        Score none = new Score(0, 0, 0, 0);
        List<List<List<String>>> inputs = List.of(List.of(), List.of(List.of()), List.of(List.of("O", "O")));
        for (List<List<String>> tags : inputs) {
            for (boolean strict : new boolean[] {false, true}) {
                EntityScores scores = EntityScores.of(tags, tags, strict);
                assertThat(scores.each()).isEmpty();
                assertThat(List.of(scores.micro(), scores.macro(), scores.weighted())).containsOnly(none);
            }
        }
    }

    @Test
    void refusesWhatIsNoTag() {
        for (String wrong : List.of("", "X-PER", "PER", "BPER", "b-PER", "O-PER", "OO", "_")) {
            assertThatThrownBy(() -> Entities.of(List.of("O", wrong))).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("entities: tag 1 is \"" + wrong
                            + "\", and O or a type behind B-, I-, E- or S- is expected");
        }
        for (String wrong : List.of("E-PER", "S-PER", "S")) {
            assertThatThrownBy(() -> Entities.strict(List.of(wrong))).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("entities: tag 0 is \"" + wrong + "\", and IOB2 has only O, B- and I-");
        }
    }

    @Test
    void refusesSentencesThatDiffer() {
        List<String> one = List.of("O");
        List<String> two = List.of("O", "O");
        assertThatThrownBy(() -> EntityScores.of(List.of(one), List.of(), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("entity scores: 1 sentences with true tags for 0 with predicted ones");
        assertThatThrownBy(() -> EntityScores.of(List.of(one, two), List.of(one, one), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("entity scores: 2 true tags of sentence 1 for 1 predicted ones");
    }

    private static void check(Recorded recorded, String mode, boolean strict) {
        EntityScores scores = EntityScores.of(recorded.rows("actual"), recorded.rows("said"), strict);
        recorded.assertScore(mode + "_micro", scores.micro());
        recorded.assertScore(mode + "_macro", scores.macro());
        recorded.assertScore(mode + "_weighted", scores.weighted());
        List<List<Object>> each = recorded.rows(mode + "_each");
        List<Score> ours = List.copyOf(scores.each().values());
        assertThat(ours).hasSameSizeAs(each);
        for (int i = 0; i < each.size(); i++) {
            Recorded.assertScore(each.get(i), ours.get(i));
        }
    }

    private static List<List<Entity>> entities(Recorded recorded, String name) {
        List<List<List<Object>>> sentences = recorded.rows(name);
        return sentences.stream().map(sentence -> sentence.stream()
                .map(each -> new Entity((String) each.get(0), (Integer) each.get(1), (Integer) each.get(2))).toList())
                .toList();
    }
}
