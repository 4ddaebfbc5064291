package dev.lorikeet.tornado;

import dev.lorikeet.tensor.FrozenMatrix.Kept;
import dev.lorikeet.tensor.FrozenMatrix.LowRank;
import dev.lorikeet.tensor.FrozenMatrix.Terms;
import dev.lorikeet.tensor.FrozenMatrix.Wanted;
import dev.lorikeet.tensor.Room;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tornado.plan.LayerPlan;
import java.util.Objects;

/**
 * One pass through a frozen layer on a device. The way back finds x and what else it reads still there; if the same
 * weight was used for something else in between, the way there is gone once more.
 */
final class DeviceLayer implements Kept {
    private final DeviceMatrix matrix;
    private final LayerPlan plan;
    private final Tensor x;
    private final Terms terms;
    private final Tensor y;

    DeviceLayer(DeviceMatrix matrix, LayerPlan plan, Tensor x, Terms terms, Tensor y) {
        this.matrix = matrix;
        this.plan = plan;
        this.x = x;
        this.terms = terms;
        this.y = y;
    }

    void forward(Resident home) {
        send(home);
        home.forward(plan, this);
        Copies.out(home.array(plan, plan.y()), y);
    }

    private void send(Resident home) {
        Copies.in(x, home.array(plan, plan.x()));
        LowRank term = terms.lowRank();
        if (term != null) {
            if (plan.dropped()) {
                Copies.in(term.x(), home.array(plan, plan.termInput()));
            }
            Copies.in(term.a(), home.array(plan, plan.a()));
            Copies.in(term.b(), home.array(plan, plan.b()));
            home.array(plan, plan.scale()).set(0, term.scale());
        }
        Tensor bias = terms.bias();
        if (bias != null) {
            Copies.in(bias, home.array(plan, plan.biasBuffer()));
        }
    }

    @Override
    public void backward(Room room, Tensor dy, Wanted wanted) {
        synchronized (matrix.compute()) {
            Resident home = matrix.home(plan);
            if (home == null) { // another kind of layer wanted the memory in between
                Tensor again = room.take(y.shape());
                Kept kept = Objects.requireNonNull(matrix.local().forward(room, x, terms, again, true));
                kept.backward(room, dy, wanted);
                kept.close();
                return;
            }
            if (!home.holds(this)) {
                send(home);
                home.forward(plan, this);
            }
            Copies.in(dy, home.array(plan, plan.dy()));
            home.backward(plan);
            Copies.out(home.array(plan, plan.dx()), wanted.x());
            if (terms.lowRank() != null) {
                Copies.out(home.array(plan, plan.aGradient()), wanted.a());
                Copies.out(home.array(plan, plan.bGradient()), wanted.b());
                if (plan.dropped()) {
                    Copies.out(home.array(plan, plan.droppedGradient()), wanted.dropped());
                }
            }
            if (plan.bias()) {
                Copies.out(home.array(plan, plan.biasGradient()), wanted.bias());
            }
        }
    }

    /** What is kept stays in the plan's own memory, which the next pass uses again. */
    @Override
    public void close() {}
}
