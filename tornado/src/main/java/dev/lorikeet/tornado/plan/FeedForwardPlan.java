package dev.lorikeet.tornado.plan;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tornado.plan.Buffer.Travel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A feed-forward block as one graph there and one back: y = down(f(up(x))), or down(f(gate(x))·up(x)) where there is a
 * gate. What lies between, mostly four times as wide as x, never leaves the device.
 *
 * @param up its function is f where there is no gate, else none
 * @param gate without a function of its own, or null
 */
public record FeedForwardPlan(LayerPlan up, @Nullable LayerPlan gate, LayerPlan down, Activation f) {

    public FeedForwardPlan {
        if (up.dropped() || down.dropped() || gate != null && gate.dropped()) {
            throw new IllegalArgumentException("feedForward: a low-rank term whose input is not its layer's");
        }
    }

    /** (rows, in), from the host. */
    public Buffer x() {
        return up.x();
    }

    /** (rows, out), to the host. */
    public Buffer y() {
        return down.y();
    }

    /** (rows, out), from the host. */
    public Buffer dy() {
        return down.dy();
    }

    /** (rows, in), to the host. */
    public Buffer dx() {
        return up.dx();
    }

    /** Those that there are, in the order of the formula from the inside. */
    public List<LayerPlan> layers() {
        LayerPlan between = gate;
        return between == null ? List.of(up, down) : List.of(up, between, down);
    }

    private Buffer wide(String name) {
        return Buffer.of(name, (long) up.rows() * up.out(), Travel.NEVER);
    }

    public Pair graphs() {
        Buffer u = wide("u");
        Buffer g = wide("g");
        Buffer hidden = gate == null ? u : wide("hidden");
        int wideSize = u.length();
        List<Step> there = new ArrayList<>();
        up.forward(there, x(), u);
        LayerPlan gated = gate;
        if (gated != null) {
            gated.forward(there, x(), g);
            LayerPlan.step(there, Operation.GATE, List.of(g, u, hidden), wideSize, f.ordinal());
        }
        down.forward(there, hidden, y());
        Graph forward = Graph.first(there);
        if (!up.train()) {
            return new Pair(forward, null);
        }
        List<Step> back = new ArrayList<>();
        Buffer dhidden = wide("dhidden");
        down.backward(back, hidden, y(), dy(), dhidden);
        if (gated == null) {
            up.backward(back, x(), u, dhidden, dx());
        } else {
            Buffer dg = wide("dg");
            Buffer du = wide("du");
            Buffer throughUp = Buffer.of("dxUp", dx().length(), Travel.NEVER);
            Buffer throughGate = Buffer.of("dxGate", dx().length(), Travel.NEVER);
            LayerPlan.step(back, Operation.GATE_BACKWARD, List.of(g, u, dhidden, dg, du), wideSize, f.ordinal());
            up.backward(back, x(), u, du, throughUp);
            gated.backward(back, x(), g, dg, throughGate);
            LayerPlan.step(back, Operation.ADD, List.of(throughUp, throughGate, dx()), dx().length());
        }
        return new Pair(forward, forward.then(back));
    }
}
