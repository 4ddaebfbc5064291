package dev.lorikeet.lora.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SelectionTest {
    private static Tensor beta(String numbers) {
        String[] parts = numbers.split(" ");
        Tensor beta = Tensor.zeros(parts.length);
        for (int j = 0; j < parts.length; j++) {
            beta.data()[j] = Float.parseFloat(parts[j]);
        }
        return beta;
    }

    /** α = (0.1, 0.2, 0.3, 0.4), for example, keeps the two that are at least 1/4. */
    @ParameterizedTest
    @CsvSource({"SOFTMAX, -2.3025851 -1.6094379 -1.2039728 -0.9162907, 2", "SOFTMAX, 5, 1", "SOFTMAX, 0 0 0, 3",
        "SOFTMAX, 3 0 0 0, 1", "SOFTMAX, -1000 1000, 1", "SIGMOID, -1 0 1, 2", "SIGMOID, -1 -2, 0",
        "UNCONSTRAINED, 1 2 3 4, 2", "UNCONSTRAINED, -1 -1, 2", "UNCONSTRAINED, -3 -1 -1, 2"})
    void keepsWhatReachesTheThreshold(Selection selection, String beta, int rank) {
        assertThat(selection.rank(beta(beta))).isEqualTo(rank);
    }

    /** Rounding must not part components that are alike, whatever their number and value. */
    @Test
    void keepsEverythingWhereAllAreAlike() {
        for (Selection selection : Selection.values()) {
            for (int k = 1; k < 40; k++) {
                Tensor beta = Tensor.zeros(k);
                beta.fill(selection == Selection.UNCONSTRAINED ? 0.1f * k : 0.3f);
                assertThat(selection.rank(beta)).as("%s %d", selection, k).isEqualTo(k);
                assertThat(selection.rank(selection.start(new float[k]))).isEqualTo(k);
            }
        }
    }

    private static double[] weights(Selection selection, double... beta) {
        double sum = Arrays.stream(beta).map(Math::exp).sum();
        return Arrays.stream(beta).map(b -> switch (selection) {
            case SOFTMAX -> Math.exp(b) / sum;
            case SIGMOID -> 1 / (1 + Math.exp(-b));
            case UNCONSTRAINED -> b;
        }).toArray();
    }

    /** The threshold is given for β, and the paper's is for α. */
    @ParameterizedTest
    @EnumSource(Selection.class)
    void theThresholdIsThatOfTheWeights(Selection selection) {
        for (int draw = 0; draw < 100; draw++) {
            Tensor beta = Tensor.zeros(8);
            Random.fillNormal(beta, 2, draw);
            double[] weights = weights(selection, IntStream.range(0, 8).mapToDouble(beta::get).toArray());
            double least = switch (selection) {
                case SOFTMAX -> 1 / 8.0;
                case SIGMOID -> 0.5;
                case UNCONSTRAINED -> Arrays.stream(weights).average().orElseThrow();
            };
            assertThat(selection.rank(beta)).isEqualTo((int) Arrays.stream(weights).filter(w -> w >= least).count());
        }
    }

    @ParameterizedTest
    @EnumSource(Selection.class)
    void theRecordedWeightsAreThoseInDoublePrecision(Selection selection) {
        Tensor beta = Tensor.zeros(17);
        Random.fillNormal(beta, 2, 1);
        double[] wide = new double[17];
        for (int j = 0; j < 17; j++) {
            wide[j] = beta.get(j);
        }
        double[] expected = weights(selection, wide);
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            Tensor weights = selection.weights(tape, Variable.constant(beta)).value();
            for (int j = 0; j < 17; j++) {
                assertThat((double) weights.get(j)).isCloseTo(expected[j], Offset.offset(1e-6));
            }
        }
    }

    /** Scores are where a search starts: what is above the mean is above the threshold. */
    @ParameterizedTest
    @EnumSource(Selection.class)
    void startsFromScores(Selection selection) {
        Tensor beta = selection.start(new float[] {1, 0, 4, 3});
        assertThat(selection.rank(beta)).isEqualTo(2);
        if (selection == Selection.SOFTMAX) {
            double[] shares = weights(selection, new double[] {beta.get(0), beta.get(1), beta.get(2), beta.get(3)});
            assertThat(shares[0]).isCloseTo(0.125, Offset.offset(1e-6));
            assertThat(shares[2]).isCloseTo(0.5, Offset.offset(1e-6));
        }
    }
}
