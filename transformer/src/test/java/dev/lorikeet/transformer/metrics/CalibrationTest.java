package dev.lorikeet.transformer.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.transformer.metrics.Calibration.Bin;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Beside what torchmetrics, scikit-learn and the paper's own formula said of the same answers. */
class CalibrationTest {
    /** torchmetrics computes in float32. */
    private static final double SINGLE = 1e-6;

    @TestFactory
    Stream<DynamicTest> errorsAreTheRecordedOnes() {
        return Recorded.tests("calibration.json", "cases", recorded -> {
            int bins = recorded.fields().integer("bins");
            Calibration calibration = Calibration.of(recorded.floats("confidence"), recorded.flags("right"), bins);
            assertThat(calibration.error()).isCloseTo(recorded.number("error"), within(Recorded.ROUNDING));
            assertThat(calibration.brier()).isCloseTo(recorded.number("brier"), within(Recorded.ROUNDING));
            List<List<Number>> rows = recorded.rows("rows");
            assertThat(calibration.bins()).hasSize(bins).hasSameSizeAs(rows);
            for (int i = 0; i < bins; i++) {
                Bin bin = calibration.bins().get(i);
                assertThat(bin.from()).isEqualTo((float) ((double) i / bins));
                assertThat(bin.to()).isEqualTo((float) ((i + 1.0) / bins));
                assertThat(bin.count()).isEqualTo(rows.get(i).get(0));
                assertThat(bin.confidence()).isCloseTo(rows.get(i).get(1).doubleValue(), within(Recorded.ROUNDING));
                assertThat(bin.accuracy()).isCloseTo(rows.get(i).get(2).doubleValue(), within(Recorded.ROUNDING));
            }
            if (recorded.fields().has("torchmetrics") && !recorded.fields().flag("on_an_edge")) {
                assertThat(calibration.error()).isCloseTo(recorded.number("torchmetrics"), within(SINGLE));
            }
        });
    }

    @Test
    void anEdgeBelongsToTheBinBelow() {
        for (int bins = 1; bins < 40; bins++) {
            for (int edge = 0; edge <= bins; edge++) {
                float confidence = (float) ((double) edge / bins);
                Calibration calibration = Calibration.of(new float[] {confidence}, new boolean[1], bins);
                assertThat(calibration.bins().get(Math.max(0, edge - 1)).count()).isOne();
                if (edge < bins) {
                    calibration = Calibration.of(new float[] {Math.nextUp(confidence)}, new boolean[1], bins);
                    assertThat(calibration.bins().get(edge).count()).isOne();
                }
            }
        }
        assertThat(Calibration.of(new float[] {-0f}, new boolean[1], 3).bins().getFirst().count()).isOne();
    }

    @Test
    void withoutAnswersThereIsNoError() {
        Calibration calibration = Calibration.of(new float[0], new boolean[0], 2);
        assertThat(calibration.bins()).containsExactly(new Bin(0, 0.5, 0, 0, 0), new Bin(0.5, 1, 0, 0, 0));
        assertThat(calibration.error()).isNaN();
        assertThat(calibration.brier()).isNaN();
    }

    @Test
    void refusesWhatIsNoProbability() {
        for (float wrong : new float[] {Float.NaN, -0.1f, 1.1f}) {
            assertThatThrownBy(() -> Calibration.of(new float[] {0.5f, wrong}, new boolean[2], 15))
                    .isInstanceOf(IllegalArgumentException.class).hasMessage(
                            "calibration: the confidence of answer 1 is " + wrong + ", and a probability is expected");
        }
        assertThatThrownBy(() -> Calibration.of(new float[2], new boolean[3], 15))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("calibration: 2 confidences for 3 answers");
        assertThatThrownBy(() -> Calibration.of(new float[2], new boolean[2], 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("calibration: 0 bins, and at least 1 is expected");
    }
}
