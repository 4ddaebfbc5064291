package dev.lorikeet.tornado;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.FeedForward;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.Room;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.kernel.Kernels;
import dev.lorikeet.tornado.plan.Buffer;
import dev.lorikeet.tornado.plan.FeedForwardPlan;
import dev.lorikeet.tornado.plan.LayerPlan;
import dev.lorikeet.tornado.plan.MemoryBudget;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A device of TornadoVM: it computes the frozen layers, in float32 whatever format their weights came in, and the
 * processor all else, attention too. What the device has no memory for, the processor computes; the log says so.
 *
 * <p>Results are within 1e-4 of the processor's, measured on the largest, not the same bits.
 */
public final class TornadoCompute implements Compute {
    /** TornadoVM's own property: the memory that it may take on a device. */
    private static final String MEMORY_PROPERTY = "tornado.device.memory";
    private static final long DEFAULT_MEMORY = 4L << 30;
    private static final Cleaner CLEANER = Cleaner.create();

    private final Compute processor;
    private final TornadoDevice device;
    private final String name;
    private final MemoryBudget budget;
    private final boolean tiled;
    private final Traffic traffic = new Traffic();
    private final Set<Resident> residents = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<String> said = ConcurrentHashMap.newKeySet();

    TornadoCompute(Detection.Device found, Compute processor) {
        this(found, processor, memory(device(found)), groups(device(found)));
    }

    /**
     * @param memory in bytes, that this may take on the device
     * @param tiled whether products are made in work-groups
     */
    TornadoCompute(Detection.Device found, Compute processor, long memory, boolean tiled) {
        this.processor = processor;
        this.device = device(found);
        this.name = "TornadoVM " + found.name();
        this.budget = new MemoryBudget(memory);
        this.tiled = tiled;
    }

    private static TornadoDevice device(Detection.Device found) {
        return TornadoExecutionPlan.getDevice(found.backend(), found.index());
    }

    /** What TornadoVM may take, as far as the device has it. */
    private static long memory(TornadoDevice device) {
        String asked = System.getProperty(MEMORY_PROPERTY);
        return Math.min(asked == null ? DEFAULT_MEMORY : Megabytes.bytes(asked), device.getMaxGlobalMemory());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean exact() {
        return false;
    }

    @Override
    public Kernels kernels() {
        return processor.kernels();
    }

    @Override
    public Workers workers() {
        return processor.workers();
    }

    Compute processor() {
        return processor;
    }

    @Override
    public FrozenMatrix take(Tensor weight, WeightFormat format) {
        return new DeviceMatrix(this, processor.take(weight, format));
    }

    @Override
    public FrozenMatrix take(MemorySegment rows, WeightFormat format, int out, int in) {
        return new DeviceMatrix(this, processor.take(rows, format, out, in));
    }

    @Override
    public @Nullable FeedForward feedForward(Room room, Tensor x, FeedForward.Block block, Tensor y, boolean train) {
        return DeviceBlock.forward(this, room, x, block, y, train);
    }

    /** Weights on the device, until {@code owner} is closed, or forgotten. */
    synchronized Resident reside(Object owner, Map<Buffer, FloatArray> weights) {
        Resident resident = new Resident(device, tiled, budget, traffic, weights);
        residents.add(resident);
        CLEANER.register(owner, () -> release(resident));
        return resident;
    }

    /** Where blocks of these layers are computed on the device, or null where they cannot be. */
    @Nullable
    Resident home(FeedForward.Block block, FeedForwardPlan plan) {
        List<DeviceMatrix> matrices = new ArrayList<>();
        Map<Buffer, FloatArray> weights = new LinkedHashMap<>();
        for (FeedForward.Part part : parts(block)) {
            if (!(part.weight() instanceof DeviceMatrix matrix) || matrix.compute() != this) {
                return null;
            }
            matrices.add(matrix);
        }
        DeviceMatrix first = matrices.getFirst();
        if (first.refusedBlocks().contains(matrices)) {
            return null;
        }
        String missing;
        try {
            Resident home = first.blocks().get(matrices);
            if (home == null) {
                List<LayerPlan> layers = plan.layers();
                for (int i = 0; i < layers.size(); i++) {
                    weights.put(layers.get(i).weight(), matrices.get(i).array());
                }
                Resident made = reside(first, weights);
                matrices.forEach(matrix -> matrix.blocks().put(matrices, made));
                home = made;
            }
            missing = home.prepare(plan, plan.graphs());
            if (missing == null) {
                return home;
            }
        } catch (IllegalArgumentException e) {
            missing = String.valueOf(e.getMessage());
        }
        first.refusedBlocks().add(matrices);
        refused("feed-forward block of " + matrices, missing);
        return null;
    }

    private static List<FeedForward.Part> parts(FeedForward.Block block) {
        FeedForward.Part gate = block.gate();
        return gate == null ? List.of(block.up(), block.down()) : List.of(block.up(), gate, block.down());
    }

    /** Frees what blocks with a weight hold on the device. */
    synchronized void forget(DeviceMatrix matrix) {
        Map.copyOf(matrix.blocks()).forEach((block, resident) -> {
            release(resident);
            block.forEach(part -> part.blocks().remove(block));
        });
    }

    /** Whether the device has groups of the size that the tiled kernels want; else plain loops compute. */
    private static boolean groups(TornadoDevice device) {
        long[] most = device.getDeviceMaxWorkgroupDimensions();
        return most.length > 1 && most[0] >= TiledKernels.GROUP * TiledKernels.GROUP && most[1] >= TiledKernels.GROUP;
    }

    /** Frees the memory of weights; a second time does nothing. */
    synchronized void release(Resident resident) {
        if (residents.remove(resident)) {
            resident.close();
        }
    }

    /** Says once for each layer that the processor computes it, and why. */
    void refused(String layer, String reason) {
        if (said.add(layer)) {
            System.getLogger(TornadoCompute.class.getName()).log(Level.WARNING,
                    "{0} is computed by the processor: it {1}", layer, reason);
        }
    }

    /** The bytes that crossed the bus so far. */
    Traffic.Bytes traffic() {
        return traffic.bytes();
    }

    MemoryBudget budget() {
        return budget;
    }

    /** Frees all of the device's memory that this took. */
    @Override
    public synchronized void close() {
        List.copyOf(residents).forEach(this::release);
    }
}
