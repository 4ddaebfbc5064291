package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OperationCase.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.CrossEntropy;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LossesTest {
    static Stream<OperationCase> cases() {
        return IntStream.of(1, 7, 15, 16, 17, 33).boxed().flatMap(n -> {
            Tensor logits = normal("logits", 5, n);
            Tensor weights = normal("weights", 5, n);
            int[] all = {0, n - 1, n / 2, 0, n / 3};
            int[] some = {CrossEntropy.IGNORED, n - 1, CrossEntropy.IGNORED, 0, n / 3};
            return Stream.of(crossEntropy("cross-entropy " + n, logits, all),
                    crossEntropy("cross-entropy with rows left out " + n, logits, some),
                    new OperationCase("weighted sum " + n, (tape, in) -> Losses.weightedSum(tape, in[0], weights),
                            in -> new double[] {IntStream.range(0, 5 * n).mapToDouble(i -> in[0][i] * weights.data()[i])
                                    .sum()},
                            logits));
        });
    }

    private static OperationCase crossEntropy(String name, Tensor logits, int[] labels) {
        int n = logits.dim(1);
        return new OperationCase(name, (tape, in) -> Losses.crossEntropy(tape, in[0], labels), in -> new double[] {
            IntStream.range(0, labels.length).filter(i -> labels[i] >= 0).mapToDouble(i -> {
                double[] row = Arrays.copyOfRange(in[0], i * n, (i + 1) * n);
                return Math.log(Arrays.stream(row).map(Math::exp).sum()) - row[labels[i]];
            }).average().orElseThrow()}, logits);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithDoublePrecision(OperationCase operation) {
        operation.check();
    }

    @Test
    void crossEntropyOfLargeLogitsIsFinite() {
        Variable logits = Variable.leaf(Tensor.of(new float[] {1e4f, -1e4f, 0}, 1, 3));
        try (Tape tape = Tape.training(Compute.shared(), new Workspace())) {
            Variable loss = Losses.crossEntropy(tape, logits, new int[] {1});
            assertThat(loss.item()).isEqualTo(2e4f);
            tape.backward(loss);
        }
        assertThat(logits.gradientOrThrow().toArray()).containsExactly(1, -1, 0);
    }

    @Test
    void refusesLabelsThatDoNotFit() {
        Variable logits = Variable.leaf(Tensor.zeros(2, 3));
        try (Tape tape = Tape.training(Compute.shared(), new Workspace())) {
            assertThatThrownBy(() -> Losses.crossEntropy(tape, logits, new int[] {0}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("cross-entropy: logits (2, 3) for 1 labels");
            for (int label : new int[] {-1, 3}) {
                assertThatThrownBy(() -> Losses.crossEntropy(tape, logits, new int[] {2, label}))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("cross-entropy: label " + label + " of row 1 is not one of 3 classes");
            }
        }
    }
}
