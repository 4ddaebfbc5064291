package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.DecodedRows;
import dev.lorikeet.tensor.kernel.Decoding;
import dev.lorikeet.tensor.kernel.Kernels;
import java.util.Arrays;

/**
 * Panels of words that {@link Decoding} turns to float32, one chain of {@link Kernels#matmul} and one panel at a time,
 * into room that stays in the cache of the core.
 */
abstract sealed class CodedPanels implements Panels permits Bf16Panels, F16Panels, Int8Panels, BlockPanels {
    static final int CHAIN = Kernels.CHAIN;
    /** The most blocks in a chain: those of {@link WeightFormat#Q6_K} have 16 weights. */
    private static final int BLOCKS = CHAIN / 16;
    /** Scales that leave a quant as it is, for all columns of a panel. */
    static final float[] ONES = filled(1f);
    /** Minima that leave a weight as it is, zeros of both signs included. */
    static final float[] NO_MINIMUM = filled(-0f);

    final PanelGrid grid;

    CodedPanels(PanelGrid grid) {
        this.grid = grid;
    }

    private static float[] filled(float value) {
        float[] array = new float[BLOCKS * CHAIN];
        Arrays.fill(array, value);
        return array;
    }

    /** The weights of steps {@code p} to {@code p + steps} of a panel, into {@link Room#weights}; p begins a chain. */
    abstract void decode(Decoding decoding, int column, int p, int steps, Room room);

    /**
     * The product of one row with a whole panel for one chain, decoded in registers.
     *
     * @return false where it cannot be done so, and nothing was done
     */
    abstract boolean multiplyRow(DecodedRows rows, int column, int p, int steps, float[] a, int ao, float[] c, int co,
            boolean accumulate);

    @Override
    public final void multiply(Kernels kernels, int column, int m, int n, float[] a, int ao, int lda, float[] c,
            int co, int ldc, boolean accumulate) {
        Decoding decoding = kernels.decoding();
        for (int p = 0; p < grid.k() || p == 0; p += CHAIN) {
            int steps = Math.min(CHAIN, grid.k() - p);
            boolean add = accumulate || p > 0;
            boolean done = m == 1 && n == grid.width() && steps > 0 && decoding instanceof DecodedRows rows
                    && multiplyRow(rows, column, p, steps, a, ao + p, c, co, add);
            if (!done) {
                Room room = Room.own(grid.width());
                if (steps > 0) {
                    decode(decoding, column, p, steps, room);
                }
                multiplyDecoded(kernels, room, column, m, n, steps, a, ao + p, lda, c, co, ldc, add);
            }
        }
    }

    @Override
    public final void warm(Kernels kernels) {
        Decoding decoding = kernels.decoding();
        Room room = Room.own(grid.width());
        float[] none = room.products(grid.width());
        if (!(decoding instanceof DecodedRows rows) || !multiplyRow(rows, 0, 0, 0, none, 0, none, 0, false)) {
            decode(decoding, 0, 0, 0, room);
        }
    }

    @Override
    public void columns(Kernels kernels, int column, int count, float[] to, int at) {
        Room room = Room.own(grid.width());
        int first = column % grid.width();
        for (int p = 0; p < grid.k(); p += CHAIN) {
            int steps = Math.min(CHAIN, grid.k() - p);
            decode(kernels.decoding(), column - first, p, steps, room);
            for (int j = 0; j < count; j++) {
                for (int i = 0; i < steps; i++) {
                    to[at + j * grid.k() + p + i] = room.weights[i * grid.width() + first + j];
                }
            }
        }
    }

    /** The product for one chain, whose weights were decoded. */
    void multiplyDecoded(Kernels kernels, Room room, int column, int m, int n, int steps, float[] a, int ao, int lda,
            float[] c, int co, int ldc, boolean accumulate) {
        kernels.matmul(m, n, steps, a, ao, lda, room.weights, 0, grid.width(), c, co, ldc, accumulate);
    }

    /** Room of one thread for the weights of a chain and a panel, and for the scales and minima of its blocks. */
    static final class Room {
        private static final ThreadLocal<Room> OWN = ThreadLocal.withInitial(Room::new);

        final float[] scales = new float[BLOCKS * CHAIN];
        final float[] mins = new float[BLOCKS * CHAIN];
        /** For what the scales and the minima of several blocks are multiples of. */
        final float[] common = new float[2 * CHAIN];
        float[] weights = {};
        private float[] products = {};

        /** The room of this thread, for panels of {@code width}. */
        static Room own(int width) {
            Room room = OWN.get();
            if (room.weights.length < CHAIN * width) {
                room.weights = new float[CHAIN * width];
            }
            return room;
        }

        float[] products(int size) {
            if (products.length < size) {
                products = new float[size];
            }
            return products;
        }
    }
}
