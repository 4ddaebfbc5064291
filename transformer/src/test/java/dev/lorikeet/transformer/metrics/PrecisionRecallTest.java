package dev.lorikeet.transformer.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.transformer.metrics.PrecisionRecall.Point;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Beside what scikit-learn said of the same scores. */
class PrecisionRecallTest {

    @TestFactory
    Stream<DynamicTest> curvesAreScikitLearns() {
        return Recorded.tests("precision_recall.json", "cases", recorded -> {
            PrecisionRecall scores = PrecisionRecall.of(recorded.flags("actual"), recorded.floats("scores"));
            float[] thresholds = recorded.floats("thresholds");
            double[] precision = recorded.doubles("precision");
            double[] recall = recorded.doubles("recall");
            assertThat(scores.curve()).hasSameSizeAs(thresholds);
            for (int i = 0; i < thresholds.length; i++) {
                Point point = scores.curve().get(i);
                assertThat(point.threshold() == thresholds[i]).as("threshold %d", i).isTrue(); // of either zero
                assertThat(point.precision()).isEqualTo(precision[i]);
                assertThat(point.recall()).isEqualTo(recall[i]);
            }
            assertThat(scores.averagePrecision()).isCloseTo(recorded.number("average_precision"),
                    within(Recorded.ROUNDING));
            double area = recorded.number("roc_auc");
            if (Double.isNaN(area)) {
                assertThat(scores.rocAuc()).isNaN();
            } else {
                assertThat(scores.rocAuc()).isCloseTo(area, within(Recorded.ROUNDING));
            }
        });
    }

    @Test
    void infiniteScoresAreTheFirstAndTheLast() {
        PrecisionRecall scores = PrecisionRecall.of(new boolean[] {false, true, true},
                new float[] {Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 3});
        assertThat(scores.curve()).extracting(Point::precision).containsExactly(2 / 3.0, 1.0, 1.0);
        assertThat(scores.rocAuc()).isEqualTo(1);
        assertThat(scores.averagePrecision()).isEqualTo(1);
    }

    @Test
    void withoutExamplesThereIsNoCurve() {
        PrecisionRecall scores = PrecisionRecall.of(new boolean[0], new float[0]);
        assertThat(scores.curve()).isEmpty();
        assertThat(scores.averagePrecision()).isZero();
        assertThat(scores.rocAuc()).isNaN();
    }

    @Test
    void refusesWhatIsNoScore() {
        assertThatThrownBy(() -> PrecisionRecall.of(new boolean[2], new float[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("precision and recall: 2 examples for 3 scores");
        assertThatThrownBy(() -> PrecisionRecall.of(new boolean[2], new float[] {0, Float.NaN}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("precision and recall: the score of example 1 is NaN");
    }
}
