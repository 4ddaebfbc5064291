package dev.lorikeet.transformer.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class EvaluationTest {
    @Test
    void countsWhatWasTakenForWhat() {
        Classified said = new Classified(3, new int[] {0, 0, 0, 2, 2}, new int[] {0, 1, 0, 2, 0}, new float[5]);
        ConfusionMatrix matrix = said.confusion();
        int[][] expected = {{2, 1, 0}, {0, 0, 0}, {1, 0, 1}};
        for (int actual = 0; actual < 3; actual++) {
            for (int predicted = 0; predicted < 3; predicted++) {
                assertThat(matrix.count(actual, predicted)).isEqualTo(expected[actual][predicted]);
            }
        }
        assertThat(matrix.classes()).isEqualTo(3);
        assertThat(matrix.total()).isEqualTo(5);
        assertThat(Evaluation.of(said, 0.5).accuracy()).isEqualTo(3 / 5.0);
    }

    @Test
    void withoutExamplesThereIsNoAccuracy() {
        assertThat(new ConfusionMatrix(2, new int[0], new int[0]).accuracy()).isNaN();
    }

    @Test
    void refusesCountsThatDiffer() {
        assertThatThrownBy(() -> new ConfusionMatrix(2, new int[3], new int[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("confusion matrix: 3 true classes for 2 predictions");
    }

    @Test
    void refusesWhatIsNoClass() {
        for (int wrong : new int[] {-1, 3}) {
            for (int place : new int[] {0, 1}) {
                int[][] classes = {{0, 1}, {0, 1}};
                classes[place][1] = wrong;
                assertThatThrownBy(() -> new ConfusionMatrix(3, classes[0], classes[1]))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("confusion matrix: class " + wrong + " of example 1 is not one of 3");
            }
        }
    }
}
