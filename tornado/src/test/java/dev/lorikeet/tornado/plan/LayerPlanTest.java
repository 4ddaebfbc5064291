package dev.lorikeet.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tornado.plan.Buffer.Travel;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LayerPlanTest {
    private static final int ROWS = 96;
    private static final int OUT = 384;
    private static final int IN = 1536;
    private static final int RANK = 8;

    private static LayerPlan plan(int rows, int rank, boolean dropped, boolean bias, Activation f, boolean train) {
        return new LayerPlan("", rows, OUT, IN, rank, dropped, bias, f, train);
    }

    private static List<String> names(List<Buffer> buffers) {
        return buffers.stream().map(Buffer::name).toList();
    }

    @Test
    void whatTheWayBackReadsIsLeftThere() {
        Pair graphs = plan(ROWS, RANK, false, true, Activation.GELU, true).graphs();
        assertThat(names(graphs.forward().sent())).containsExactlyInAnyOrder("x", "A", "B", "s", "bias");
        assertThat(names(graphs.forward().found())).containsExactly("W");
        assertThat(names(graphs.forward().fetched())).containsExactly("y");
        Graph back = Objects.requireNonNull(graphs.backward());
        assertThat(names(back.sent())).containsExactly("dy");
        assertThat(names(back.found())).containsExactlyInAnyOrder("W", "x", "A", "B", "s", "h", "z");
        assertThat(names(back.fetched())).containsExactlyInAnyOrder("dx", "dA", "dB", "dbias");
    }

    @Test
    void aFunctionWhoseDerivativeReadsItsResultKeepsThat() {
        Graph back = Objects.requireNonNull(plan(ROWS, 0, false, false, Activation.RELU, true).graphs().backward());
        assertThat(names(back.found())).containsExactlyInAnyOrder("W", "y");
    }

    @Test
    void xTravelsOnceAndADroppedOneBesideIt() {
        Pair graphs = plan(ROWS, RANK, true, false, Activation.NONE, true).graphs();
        assertThat(names(graphs.forward().sent())).containsExactlyInAnyOrder("x", "x'", "A", "B", "s");
        Graph back = Objects.requireNonNull(graphs.backward());
        assertThat(names(back.sent())).containsExactly("dy");
        assertThat(names(back.fetched())).containsExactlyInAnyOrder("dx", "dA", "dB", "dx'");
    }

    @Test
    void bytesAreThoseOfWhatTravels() {
        Pair graphs = plan(ROWS, RANK, false, true, Activation.GELU, true).graphs();
        assertThat(graphs.forward().bytesSent()).isEqualTo(4L * (ROWS * IN + RANK * IN + OUT * RANK + 1 + OUT));
        assertThat(graphs.forward().bytesFetched()).isEqualTo(4L * ROWS * OUT);
        Graph back = Objects.requireNonNull(graphs.backward());
        assertThat(back.bytesSent()).isEqualTo(4L * ROWS * OUT);
        assertThat(back.bytesFetched()).isEqualTo(4L * (ROWS * IN + RANK * IN + OUT * RANK + OUT));
        // x, A, B, s, bias, h, z, y there; dy, dz, dh, dx, dA, dB, dbias back; one, two dummies and two rows of zeros
        assertThat(graphs.bytes()).isEqualTo(4L * (2 * ROWS * IN + 4 * ROWS * OUT + 2 * ROWS * RANK
                + 2 * RANK * (IN + OUT) + 1 + 2 * OUT + 3 + RANK + IN));
    }

    @Test
    void aLayerThatIsNotTrainedKeepsNothingForAWayBack() {
        Pair graphs = plan(ROWS, 0, false, false, Activation.NONE, false).graphs();
        assertThat(graphs.backward()).isNull();
        assertThat(names(graphs.forward().made())).containsExactly("y");
    }

    @Test
    void oneRowIsAProductOfItsOwn() {
        assertThat(operations(plan(1, RANK, false, true, Activation.SILU, false)))
                .containsExactly(Operation.MULTIPLY, Operation.MULTIPLY_ROW, Operation.ACTIVATE);
        assertThat(operations(plan(2, RANK, false, true, Activation.NONE, false)))
                .containsExactly(Operation.MULTIPLY, Operation.MULTIPLY);
    }

    private static List<Operation> operations(LayerPlan plan) {
        return plan.graphs().forward().steps().stream().map(Step::operation).toList();
    }

    @Test
    void layersOfAKindHaveOneKey() {
        assertThat(plan(ROWS, RANK, false, true, Activation.GELU, true))
                .isEqualTo(plan(ROWS, RANK, false, true, Activation.GELU, true))
                .isNotEqualTo(plan(ROWS, RANK + 1, false, true, Activation.GELU, true))
                .isNotEqualTo(plan(ROWS, RANK, false, true, Activation.GELU, false));
    }

    @Test
    void noStepWritesWhatTravelsToTheDevice() {
        for (Activation f : Activation.values()) {
            Pair graphs = plan(ROWS, RANK, true, true, f, true).graphs();
            for (Graph graph : List.of(graphs.forward(), Objects.requireNonNull(graphs.backward()))) {
                assertThat(graph.made()).allMatch(b -> b.travel() == Travel.NEVER || b.travel() == Travel.BACK);
                assertThat(graph.found()).doesNotContainAnyElementsOf(graph.sent());
            }
        }
    }

    @Test
    void aWeightThatWouldWrapAroundIsRefused() {
        LayerPlan huge = new LayerPlan("", 16, 1 << 20, 1 << 10, 0, false, false, Activation.NONE, false);
        assertThatThrownBy(huge::graphs).isInstanceOf(IllegalArgumentException.class).hasMessage(
                "buffer W: 1073741824 elements, a device takes at most 536870912 in one piece");
    }
}
