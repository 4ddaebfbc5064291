package dev.lorikeet.transformer.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ThresholdsTest {

    /** Coarse scores, so that many are equal and many candidates are as good as each other. */
    @Test
    void noOtherCandidateIsBetter() {
        SplittableRandom random = new SplittableRandom(1);
        for (int round = 0; round < 500; round++) {
            int examples = random.nextInt(1, 12);
            int labels = random.nextInt(1, 4);
            int steps = random.nextInt(1, 12);
            float[][] scores = new float[examples][labels];
            boolean[][] targets = new boolean[examples][labels];
            for (int i = 0; i < examples; i++) {
                for (int label = 0; label < labels; label++) {
                    scores[i][label] = (float) random.nextInt(steps + 1) / steps;
                    targets[i][label] = random.nextInt(3) == 0;
                }
            }
            List<Double> best = Thresholds.best(scores, targets).each();
            assertThat(best).hasSize(labels);
            for (int label = 0; label < labels; label++) {
                assertThat(best.get(label)).isEqualTo(bestOfAll(scores, targets, label));
            }
        }
    }

    @Test
    void isHalfwayBetweenTwoScores() {
        assertThat(best(new float[] {0.125f, 0.25f, 0.875f}, false, true, true)).isEqualTo(0.1875);
        assertThat(best(new float[] {0.5f, 0.75f, 1}, false, false, true)).isEqualTo(0.875);
    }

    @Test
    void isOneHalfWhereNothingIsBetter() {
        assertThat(best(new float[] {0.25f, 0.875f}, false, true)).as("0.5625 says the same").isEqualTo(0.5);
        assertThat(best(new float[] {0.1f, 0.2f, 0.9f}, false, false, false)).as("a label nothing has").isEqualTo(0.5);
        assertThat(best(new float[] {0.3f, 0.3f}, true, false)).as("nothing is between").isEqualTo(0.5);
    }

    /** F1 is 2/3 where the upper four are said, two of them right, and where the uppermost is. */
    @Test
    void ofEquallyGoodOnesTheNearestToOneHalfIsTakenAndThenTheLower() {
        boolean[] targets = {false, true, false, false, true};
        assertThat(best(new float[] {-1, 0, 0.75f, 1, 1.5f}, targets)).as("of -0.5 and 1.25").isEqualTo(1.25);
        assertThat(best(new float[] {-0.5f, 0, 0.75f, 1, 2}, targets)).as("of -0.25 and 1.5").isEqualTo(-0.25);
        assertThat(best(new float[] {-1, 0, 0.75f, 1, 2}, targets)).as("of -0.5 and 1.5").isEqualTo(-0.5);
    }

    @Test
    void saysWhatIsNotBelow() {
        Thresholds thresholds = new Thresholds(List.of(0.5, 0.25));
        assertThat(thresholds.said(new float[][] {{0.5f, 0.5f}, {0.49f, 0.25f}, {1, 0}}))
                .isDeepEqualTo(new boolean[][] {{true, true}, {false, true}, {true, false}});
    }

    @Test
    void withoutExamplesThereIsNone() {
        assertThat(Thresholds.best(new float[0][], new boolean[0][]).each()).isEmpty();
    }

    @Test
    void refusesWhatIsNoScoreForEachLabel() {
        assertThatThrownBy(() -> Thresholds.best(new float[2][3], new boolean[1][3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("thresholds: 2 rows of scores for 1 rows of labels");
        assertThatThrownBy(() -> Thresholds.best(new float[2][3], new boolean[2][2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("thresholds: 2 labels of example 0 for 3 scores");
        assertThatThrownBy(() -> Thresholds.best(new float[][] {{1}, {Float.NaN}}, new boolean[2][1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("thresholds: a score of example 1 is NaN, and a finite number is expected");
        assertThatThrownBy(() -> new Thresholds(List.of(0.5)).said(new float[1][2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("thresholds: 2 scores of example 0 for 1 labels");
    }

    private static double best(float[] scores, boolean... targets) {
        float[][] column = new float[scores.length][];
        boolean[][] labels = new boolean[scores.length][];
        for (int i = 0; i < scores.length; i++) {
            column[i] = new float[] {scores[i]};
            labels[i] = new boolean[] {targets[i]};
        }
        return Thresholds.best(column, labels).each().getFirst();
    }

    /** By trying each. */
    private static double bestOfAll(float[][] scores, boolean[][] targets, int label) {
        TreeSet<Double> values = new TreeSet<>();
        for (float[] row : scores) {
            values.add((double) row[label]);
        }
        TreeSet<Double> candidates = new TreeSet<>(List.of(0.5));
        for (double value : values) {
            Double next = values.higher(value);
            if (next != null) {
                candidates.add((value + next) / 2);
            }
        }
        double best = Double.NaN;
        double bestF1 = -1;
        for (double candidate : candidates) {
            double f1 = f1(scores, targets, label, candidate);
            boolean nearer = Math.abs(candidate - 0.5) < Math.abs(best - 0.5);
            if (f1 > bestF1 || f1 == bestF1 && nearer) {
                best = candidate;
                bestF1 = f1;
            }
        }
        return best;
    }

    private static double f1(float[][] scores, boolean[][] targets, int label, double threshold) {
        boolean[][] said = new Thresholds(Collections.nCopies(targets[0].length, threshold)).said(scores);
        return LabelScores.of(targets, said).each().get(label).f1();
    }
}
