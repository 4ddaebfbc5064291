package dev.lorikeet.transformer.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.metrics.ClassScores.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class TagScoresTest {
    private static final List<String> TAGS = List.of("ADJ", "NOUN", "PUNCT", "VERB");

    /** Which has scikit-learn's numbers, as a fixture shows. */
    @Test
    void areThoseOfTheClassesOfAllTokens() {
        RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
        for (int round = 0; round < 50; round++) {
            List<List<String>> actual = new ArrayList<>();
            List<List<String>> said = new ArrayList<>();
            List<Integer> classes = new ArrayList<>();
            List<Integer> saidClasses = new ArrayList<>();
            for (int sentence = 0; sentence < 4; sentence++) {
                List<Integer> own = random.ints(round % 9, 0, 1 + round % 4).boxed().toList();
                List<Integer> other = random.ints(round % 9, 0, 1 + (round + 1) % 4).boxed().toList();
                actual.add(own.stream().map(TAGS::get).toList());
                said.add(other.stream().map(TAGS::get).toList());
                classes.addAll(own);
                saidClasses.addAll(other);
            }
            ConfusionMatrix confusion = new ConfusionMatrix(TAGS.size(),
                    classes.stream().mapToInt(each -> each).toArray(),
                    saidClasses.stream().mapToInt(each -> each).toArray());
            ClassScores expected = ClassScores.of(confusion);
            TagScores scores = TagScores.of(actual, said);
            scores.each().forEach((tag, score) -> assertThat(score).isEqualTo(expected.each().get(TAGS.indexOf(tag))));
            assertThat(scores.macro()).isEqualTo(expected.macro());
            assertThat(Double.valueOf(scores.accuracy())).isEqualTo(Double.valueOf(confusion.accuracy()));
        }
    }

    @Test
    void aTagThatOnlyWasSaidCounts() {
        Tagged said = new Tagged(List.of("NOUN", "O", "VERB"), List.of(List.of("NOUN", "VERB")),
                List.of(List.of("NOUN", "O")));
        TagScores scores = TagScores.of(said.actual(), said.said());
        assertThat(scores.each()).isEqualTo(Map.of("NOUN", new Score(1, 1, 1, 1), "O", new Score(0, 0, 0, 0), "VERB",
                new Score(0, 0, 0, 1)));
        assertThat(Evaluation.of(said, 0.5).metrics()).containsExactly(Map.entry("accuracy", 0.5),
                Map.entry("f1_macro", 1 / 3.0));
    }

    @Test
    void refusesNumbersThatDiffer() {
        assertThatThrownBy(() -> TagScores.of(List.of(List.of()), List.of())).isInstanceOf(
                IllegalArgumentException.class)
                .hasMessage("tag scores: 1 sentences with true tags for 0 with predicted "
                        + "ones");
        assertThatThrownBy(() -> TagScores.of(List.of(List.of(), List.of("A")), List.of(List.of(), List.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tag scores: 1 true tags of sentence 1 for 0 predicted ones");
    }

    @Test
    void theMainMetricOfEntitiesIsTheirF1() {
        List<List<String>> actual = List.of(List.of("B-X", "I-X", "O", "B-Y"));
        List<List<String>> said = List.of(List.of("B-X", "I-X", "B-X", "O"));
        Tagged tagged = new Tagged(List.of("B-X", "I-X", "B-Y", "O"), actual, said);
        Evaluation evaluation = Evaluation.of(tagged, 0.5);
        assertThat(evaluation.metrics()).containsExactly(Map.entry("f1", 0.5), Map.entry("precision", 0.5),
                Map.entry("recall", 0.5), Map.entry("accuracy", 0.5));
        assertThat(evaluation.details()).isSameAs(tagged);
        assertThat(tagged.named()).isEqualTo(new NamedScores(List.of("X", "Y"),
                List.of(new Score(0.5, 1, 2 / 3.0, 1), new Score(0, 0, 0, 1))));
    }

    @Test
    void tagsOfEntitiesAreKnownByTheirForm() {
        assertThat(Entities.areTags(List.of("O", "B-X", "I-X", "E-X", "S-a-b"))).isTrue();
        assertThat(Entities.areTags(List.of("I-X"))).isTrue();
        for (List<String> others : List.of(List.of("O"), List.<String>of(), List.of("O", "B-X", "NOUN"),
                List.of("B", "M", "E", "S"), List.of("B-", "O"), List.of("o", "B-X"), List.of("L-X", "U-X"))) {
            assertThat(Entities.areTags(others)).as("%s", others).isFalse();
        }
    }
}
