package dev.lorikeet.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Activation;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeedForwardPlanTest {
    private static final int ROWS = 64;
    private static final int IN = 384;
    private static final int WIDE = 1536;
    private static final int RANK = 8;

    static FeedForwardPlan plan(boolean gated, boolean train) {
        return new FeedForwardPlan(layer("up.", WIDE, IN, gated ? Activation.NONE : Activation.GELU, train),
                gated ? layer("gate.", WIDE, IN, Activation.NONE, train) : null,
                layer("down.", IN, WIDE, Activation.NONE, train), gated ? Activation.SILU : Activation.GELU);
    }

    private static LayerPlan layer(String name, int out, int in, Activation f, boolean train) {
        return new LayerPlan(name, ROWS, out, in, RANK, false, false, f, train);
    }

    /** Weights, once; the wide activation, never. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingWideCrossesTheBus(boolean gated) {
        Pair graphs = plan(gated, true).graphs();
        int adapters = (gated ? 3 : 2) * (RANK * (IN + WIDE) + 1);
        assertThat(graphs.forward().bytesSent()).isEqualTo(4L * (ROWS * IN + adapters));
        assertThat(graphs.forward().bytesFetched()).isEqualTo(4L * ROWS * IN);
        Graph back = Objects.requireNonNull(graphs.backward());
        assertThat(back.bytesSent()).isEqualTo(4L * ROWS * IN);
        assertThat(back.bytesFetched()).isEqualTo(4L * (ROWS * IN + (gated ? 3 : 2) * RANK * (IN + WIDE)));
        for (Graph graph : List.of(graphs.forward(), back)) {
            assertThat(graph.sent()).noneMatch(buffer -> buffer.length() == ROWS * WIDE);
            assertThat(graph.fetched()).noneMatch(buffer -> buffer.length() == ROWS * WIDE);
        }
    }

    @Test
    void inferenceIsOneGraph() {
        assertThat(plan(true, false).graphs().backward()).isNull();
        assertThat(plan(true, false)).isEqualTo(plan(true, false)).isNotEqualTo(plan(false, false));
    }

    @Test
    void anInputThatIsDroppedIsRefused() {
        LayerPlan dropped = new LayerPlan("up.", ROWS, WIDE, IN, RANK, true, false, Activation.GELU, true);
        assertThatThrownBy(() -> new FeedForwardPlan(dropped, null, layer("down.", IN, WIDE, Activation.NONE, true),
                Activation.GELU)).hasMessage("feedForward: a low-rank term whose input is not its layer's");
    }
}
