package dev.lorikeet.transformer.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Beside what SciPy and scikit-learn said of the same numbers. */
class RegressionScoresTest {

    @TestFactory
    Stream<DynamicTest> scoresAreThoseOfSciPyAndScikitLearn() {
        return Recorded.tests("regression.json", "cases", recorded -> {
            RegressionScores scores = RegressionScores.of(recorded.floats("actual"), recorded.floats("predicted"));
            assertSame(scores.pearson(), recorded.number("pearson"));
            assertSame(scores.spearman(), recorded.number("spearman"));
            assertSame(scores.r2(), recorded.number("r2"));
            assertThat(scores.meanSquaredError()).isCloseTo(recorded.number("mean_squared_error"),
                    withinPercentage(1e-9));
            assertThat(scores.meanAbsoluteError()).isCloseTo(recorded.number("mean_absolute_error"),
                    withinPercentage(1e-9));
        });
    }

    @Test
    void withoutExamplesNothingIsDefined() {
        double nan = Double.NaN;
        assertThat(RegressionScores.of(new float[0], new float[0]))
                .isEqualTo(new RegressionScores(nan, nan, nan, nan, nan));
    }

    @Test
    void equalNumbersShareTheirRank() {
        assertThat(Ranks.average(new float[] {3, 1, 3, 2, 3, 1})).containsExactly(5, 1.5, 5, 3, 5, 1.5);
        assertThat(Ranks.average(new float[] {0f, -0f})).containsExactly(1.5, 1.5);
        assertThat(Ranks.average(new float[0])).isEmpty();
        assertThat(Ranks.order(new float[] {0f, -0f, -1})).containsExactly(2, 0, 1);
    }

    /** Rounding of its mean would make its distances small numbers, and the correlation any number. */
    @Test
    void aConstantHasNoCorrelation() {
        SplittableRandom random = new SplittableRandom(1);
        for (int size = 1; size < 300; size++) {
            float[] constant = new float[size];
            Arrays.fill(constant, (float) random.nextDouble(-1e4, 1e4));
            float[] other = new float[size];
            for (int i = 0; i < size; i++) {
                other[i] = i;
            }
            assertThat(RegressionScores.of(constant, other).pearson()).isNaN();
            assertThat(RegressionScores.of(other, constant).spearman()).isNaN();
            assertThat(RegressionScores.of(constant, constant).pearson()).isNaN();
        }
    }

    /** Their squares are lost beside a million's, which the short formula would take. */
    @Test
    void aLargeMeanCostsNoDigits() {
        float[] numbers = {1e6f, 1e6f + 0.0625f, 1e6f + 0.1875f};
        float[] others = {-1e6f, -1e6f - 0.0625f, -1e6f - 0.1875f};
        RegressionScores scores = RegressionScores.of(numbers, others);
        assertThat(scores.pearson()).isCloseTo(-1, within(1e-15));
        assertThat(scores.spearman()).isEqualTo(-1);
    }

    @Test
    void refusesWhatIsNoPairOfNumbers() {
        assertThatThrownBy(() -> RegressionScores.of(new float[3], new float[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("regression scores: 3 true numbers for 2 predictions");
        assertThatThrownBy(() -> RegressionScores.of(new float[] {1, 2}, new float[] {1, Float.NaN}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("regression scores: prediction 1 is NaN, and a finite number is expected");
        assertThatThrownBy(() -> RegressionScores.of(new float[] {Float.NEGATIVE_INFINITY}, new float[] {1}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("regression scores: true number 0 is -Infinity, and a finite number is expected");
    }

    private static void assertSame(double ours, double theirs) {
        if (Double.isNaN(theirs)) {
            assertThat(ours).isNaN();
        } else {
            assertThat(ours).isCloseTo(theirs, within(1e-11 * Math.max(1, Math.abs(theirs))));
        }
    }
}
