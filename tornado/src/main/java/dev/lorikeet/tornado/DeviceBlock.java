package dev.lorikeet.tornado;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.FeedForward;
import dev.lorikeet.tensor.Room;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tornado.plan.Capacity;
import dev.lorikeet.tornado.plan.FeedForwardPlan;
import dev.lorikeet.tornado.plan.LayerPlan;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One pass through a feed-forward block on a device: one graph each way, and the wide middle stays there. */
final class DeviceBlock implements FeedForward {
    private final TornadoCompute compute;
    private final Block block;
    private final FeedForwardPlan plan;
    private final Tensor x;
    private final Tensor y;

    private DeviceBlock(TornadoCompute compute, Block block, FeedForwardPlan plan, Tensor x, Tensor y) {
        this.compute = compute;
        this.block = block;
        this.plan = plan;
        this.x = x;
        this.y = y;
    }

    static @Nullable FeedForward forward(TornadoCompute compute, Room room, Tensor x, Block block, Tensor y,
            boolean train) {
        int rows = x.shape().rows();
        if (x.dim(-1) != block.up().weight().in() || y.dim(-1) != block.down().weight().out()
                || y.shape().rows() != rows) {
            throw new IllegalArgumentException("feedForward: x " + x.shape() + ", y " + y.shape());
        }
        synchronized (compute) {
            FeedForwardPlan plan = plan(block, Capacity.of(rows), train);
            Resident home = rows == 0 ? null : compute.home(block, plan);
            if (home == null) {
                return compute.processor().feedForward(room, x, block, y, train);
            }
            DeviceBlock pass = new DeviceBlock(compute, block, plan, x, y);
            pass.send(home);
            home.forward(plan, pass);
            Copies.out(home.array(plan, plan.y()), y);
            return train ? pass : null;
        }
    }

    private static FeedForwardPlan plan(Block block, int rows, boolean train) {
        Part gate = block.gate();
        Activation f = block.activation();
        return new FeedForwardPlan(layer("up.", block.up(), rows, gate == null ? f : Activation.NONE, train),
                gate == null ? null : layer("gate.", gate, rows, Activation.NONE, train),
                layer("down.", block.down(), rows, Activation.NONE, train), f);
    }

    private static LayerPlan layer(String name, Part part, int rows, Activation f, boolean train) {
        Factors factors = part.factors();
        return new LayerPlan(name, rows, part.weight().out(), part.weight().in(),
                factors == null ? 0 : factors.a().dim(0), false, part.bias() != null, f, train);
    }

    private void send(Resident home) {
        Copies.in(x, home.array(plan, plan.x()));
        send(home, plan.up(), block.up());
        Part gate = block.gate();
        if (gate != null) {
            send(home, Objects.requireNonNull(plan.gate()), gate);
        }
        send(home, plan.down(), block.down());
    }

    private void send(Resident home, LayerPlan layer, Part part) {
        Factors factors = part.factors();
        if (factors != null) {
            Copies.in(factors.a(), home.array(plan, layer.a()));
            Copies.in(factors.b(), home.array(plan, layer.b()));
            home.array(plan, layer.scale()).set(0, factors.scale());
        }
        Tensor bias = part.bias();
        if (bias != null) {
            Copies.in(bias, home.array(plan, layer.biasBuffer()));
        }
    }

    @Override
    public void backward(Room room, Tensor dy, Wanted wanted) {
        synchronized (compute) {
            Resident home = compute.home(block, plan);
            if (home == null) { // another kind of layer wanted the memory in between
                Tensor again = room.take(y.shape());
                try (FeedForward kept = Objects.requireNonNull(
                        compute.processor().feedForward(room, x, block, again, true))) {
                    kept.backward(room, dy, wanted);
                }
                return;
            }
            if (!home.holds(this)) {
                send(home);
                home.forward(plan, this);
            }
            Copies.in(dy, home.array(plan, plan.dy()));
            home.backward(plan);
            Copies.out(home.array(plan, plan.dx()), wanted.x());
            fetch(home, plan.up(), wanted.up());
            Gradients gate = wanted.gate();
            if (plan.gate() != null && gate != null) {
                fetch(home, plan.gate(), gate);
            }
            fetch(home, plan.down(), wanted.down());
        }
    }

    private void fetch(Resident home, LayerPlan layer, Gradients wanted) {
        if (layer.rank() > 0) {
            Copies.out(home.array(plan, layer.aGradient()), wanted.a());
            Copies.out(home.array(plan, layer.bGradient()), wanted.b());
        }
        if (layer.bias()) {
            Copies.out(home.array(plan, layer.biasGradient()), wanted.bias());
        }
    }

    /** What is kept stays in the plan's own memory, which the next pass uses again. */
    @Override
    public void close() {}
}
