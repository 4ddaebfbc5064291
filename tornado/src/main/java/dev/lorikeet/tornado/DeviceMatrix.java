package dev.lorikeet.tornado;

import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.Room;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tornado.plan.Buffer;
import dev.lorikeet.tornado.plan.Capacity;
import dev.lorikeet.tornado.plan.LayerPlan;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A frozen weight on a device. It goes over in float32 at its first product and stays; one that is only looked up, as
 * a table of embeddings, never goes. The processor has it too, in the format that it came in: for look-ups, and for
 * what the device has no memory for.
 */
final class DeviceMatrix implements FrozenMatrix {
    private final TornadoCompute compute;
    private final FrozenMatrix local;
    /** The feed-forward blocks that this is a part of. */
    private final Map<List<DeviceMatrix>, Resident> blocks = new HashMap<>();
    private final Set<List<DeviceMatrix>> refusedBlocks = new HashSet<>();
    private @Nullable Resident resident;
    private boolean refused;

    DeviceMatrix(TornadoCompute compute, FrozenMatrix local) {
        this.compute = compute;
        this.local = local;
    }

    @Override
    public int out() {
        return local.out();
    }

    @Override
    public int in() {
        return local.in();
    }

    @Override
    public WeightFormat format() {
        return local.format();
    }

    @Override
    public long bytes() {
        synchronized (compute) {
            return local.bytes() + (resident == null ? 0 : resident.bytes());
        }
    }

    /** The memory that TornadoVM counts for this weight and its plans. */
    long deviceBytes() {
        synchronized (compute) {
            return resident == null ? 0 : resident.deviceBytes();
        }
    }

    TornadoCompute compute() {
        return compute;
    }

    @Override
    public @Nullable Kept forward(Room room, Tensor x, Terms terms, Tensor y, boolean train) {
        check(x, terms, y);
        int rows = x.shape().rows();
        if (rows == 0 || y.size() == 0 || x.size() == 0) {
            return local.forward(room, x, terms, y, train);
        }
        LowRank term = terms.lowRank();
        LayerPlan plan = new LayerPlan("", Capacity.of(rows), out(), in(), term == null ? 0 : term.a().dim(0),
                term != null && term.x() != x, terms.bias() != null, terms.activation(), train);
        synchronized (compute) {
            Resident home = home(plan);
            if (home == null) {
                return local.forward(room, x, terms, y, train);
            }
            DeviceLayer layer = new DeviceLayer(this, plan, x, terms, y);
            layer.forward(home);
            return train ? layer : null;
        }
    }

    /** Where layers of this kind are computed on the device, or null where there is no memory for them. */
    @Nullable
    Resident home(LayerPlan plan) {
        if (refused) {
            return null;
        }
        Resident home = resident;
        String missing;
        try {
            if (home == null) {
                home = compute.reside(this, Map.of(plan.weight(), array()));
                resident = home;
            }
            missing = home.prepare(plan, plan.graphs());
        } catch (IllegalArgumentException e) {
            missing = String.valueOf(e.getMessage());
        }
        if (missing != null) {
            refused = true;
            compute.refused("layer (" + out() + ", " + in() + ")", missing);
            return null;
        }
        return home;
    }

    /** W (out, in) in float32, row by row. */
    FloatArray array() {
        Tensor all = local.toTensor();
        FloatArray array = new FloatArray(all.size());
        Copies.in(all, array);
        return array;
    }

    FrozenMatrix local() {
        return local;
    }

    Map<List<DeviceMatrix>, Resident> blocks() {
        return blocks;
    }

    Set<List<DeviceMatrix>> refusedBlocks() {
        return refusedBlocks;
    }

    private void check(Tensor x, Terms terms, Tensor y) {
        LowRank term = terms.lowRank();
        Tensor bias = terms.bias();
        if (x.dim(-1) != in() || y.dim(-1) != out() || x.shape().rows() != y.shape().rows()
                || bias != null && bias.size() != out()) {
            throw new IllegalArgumentException("layer: x " + x.shape() + ", weight " + Shape.of(out(), in()) + ", y "
                    + y.shape() + (bias == null ? "" : ", bias " + bias.shape()));
        }
        if (term != null && (!term.x().shape().equals(x.shape()) || term.a().dim(-1) != in()
                || term.b().dim(0) != out() || term.a().dim(0) != term.b().dim(-1))) {
            throw new IllegalArgumentException("layer: x " + x.shape() + ", weight " + Shape.of(out(), in())
                    + "; low rank: x " + term.x().shape() + ", A " + term.a().shape() + ", B " + term.b().shape());
        }
    }

    @Override
    public void rows(int[] which, Tensor to) {
        local.rows(which, to);
    }

    @Override
    public Tensor toTensor() {
        return local.toTensor();
    }

    @Override
    public void close() {
        synchronized (compute) {
            compute.forget(this);
            if (resident != null) {
                compute.release(resident);
                resident = null;
            }
            local.close();
        }
    }

    @Override
    public String toString() {
        return "DeviceMatrix(" + out() + ", " + in() + ") of " + format() + " on " + compute.name();
    }
}
