package dev.lorikeet.transformer.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.transformer.metrics.ClassScores.Score;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Beside what scikit-learn said of the same labels. */
class LabelScoresTest {

    @TestFactory
    Stream<DynamicTest> scoresAreScikitLearns() {
        return Recorded.tests("labels.json", "cases", recorded -> {
            LabelScores scores = LabelScores.of(recorded.flagRows("actual"), recorded.flagRows("said"));
            recorded.assertScore("micro", scores.micro());
            recorded.assertScore("macro", scores.macro());
            recorded.assertScore("weighted", scores.weighted());
            recorded.assertScore("samples", scores.samples());
            assertThat(scores.subsetAccuracy()).isCloseTo(recorded.number("subset_accuracy"),
                    within(Recorded.ROUNDING));
            assertThat(scores.hammingLoss()).isCloseTo(recorded.number("hamming_loss"), within(Recorded.ROUNDING));
            List<List<Object>> each = recorded.rows("each");
            assertThat(scores.each()).hasSameSizeAs(each);
            int pairs = 0;
            for (int label = 0; label < each.size(); label++) {
                Recorded.assertScore(each.get(label), scores.each().get(label));
                pairs += scores.each().get(label).support();
            }
            assertThat(List.of(scores.micro(), scores.macro(), scores.weighted(), scores.samples()))
                    .extracting(Score::support).containsOnly(pairs);
        });
    }

    @Test
    void withoutExamplesThereIsNothingToScore() {
        LabelScores scores = LabelScores.of(new boolean[0][], new boolean[0][]);
        assertThat(scores.each()).isEmpty();
        assertThat(List.of(scores.micro(), scores.macro(), scores.weighted(), scores.samples()))
                .containsOnly(new Score(0, 0, 0, 0));
        assertThat(scores.subsetAccuracy()).isNaN();
        assertThat(scores.hammingLoss()).isNaN();
    }

    @Test
    void refusesShapesThatDiffer() {
        assertThatThrownBy(() -> LabelScores.of(new boolean[3][2], new boolean[2][2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("label scores: 3 rows of true labels for 2 rows of predictions");
        assertThatThrownBy(() -> LabelScores.of(new boolean[2][3], new boolean[2][4]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("label scores: 4 predictions of example 0, and the first has 3");
        assertThatThrownBy(() -> LabelScores.of(new boolean[][] {{true}, {}}, new boolean[2][1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("label scores: 0 true labels of example 1, and the first has 1");
    }
}
