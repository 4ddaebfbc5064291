package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.VectorKernels.L;
import static dev.lorikeet.tensor.kernel.VectorKernels.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** The matrix product of {@link VectorKernels}: columns by register tiles of four, two and one vectors. */
final class VectorMatmul {
    /** With AVX-512 and on ARM there are 32 vector registers, for vectors of every width; else 16. */
    static final boolean WIDE = FloatVector.SPECIES_PREFERRED.vectorBitSize() == 512
            || System.getProperty("os.arch", "").equals("aarch64");
    static final int PANEL = WIDE ? VectorTiles4.WIDTH : VectorTiles2.WIDTH;

    /**
     * Every tile gives C = Z + A·B, where Z is C or this: what added to a sum leaves even -0 as it is. With a branch
     * for each, C2 compiles a tile anew when it first takes the other one, and may not find the room to keep its
     * vectors in registers.
     */
    static final float[] NOTHING = nothing();

    /** The heights of tiles that rows are taken by, up to where they repeat. */
    private static final int REPEAT = 18;
    private static final long[] HEIGHTS = heights();

    private VectorMatmul() {}

    /** As {@link VectorTiles4#multiply} and {@link VectorTiles2#multiply} go through the rows. */
    private static long[] heights() {
        long[] heights = new long[REPEAT];
        for (int m = 1; m < REPEAT; m++) {
            int i = 0;
            for (; i <= m - 6 && (!WIDE || i != m - 8); i += 6) {
                heights[m] |= WarmKernel.PANEL_6.bit;
            }
            int rest = m - i;
            heights[m] |= (rest >= 4 ? WarmKernel.PANEL_4.bit : 0) | (rest % 4 >= 2 ? WarmKernel.PANEL_2.bit : 0)
                    | (rest % 2 == 1 ? WarmKernel.PANEL_1.bit : 0);
        }
        return heights;
    }

    /** The tiles of {@link #multiply}, a bit for each {@link WarmKernel}. */
    static long tiles(int m, int n, int step) {
        long tiles = 0;
        if (n >= PANEL) {
            tiles = WIDE && m == 1 && step == 1 ? WarmKernel.PANEL_ROW.bit
                    : HEIGHTS[m < REPEAT ? m : m % 6 + REPEAT - 6];
        }
        int rest = n % PANEL;
        if (rest >= VectorTiles2.WIDTH) {
            tiles |= WarmKernel.TWO_VECTORS.bit;
            rest -= VectorTiles2.WIDTH;
        }
        return rest > 0 ? tiles | WarmKernel.ONE_VECTOR.bit : tiles;
    }

    private static float[] nothing() {
        float[] zeros = new float[VectorTiles4.WIDTH];
        Arrays.fill(zeros, -0f);
        return zeros;
    }

    static void multiply(int m, int n, int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb,
            float[] c, int co, int ldc, boolean accumulate) {
        int j = 0;
        if (WIDE && m == 1 && step == 1 && k > 0) { // a sum of no steps is +0, which a row of none would leave at -0
            for (; j <= n - PANEL; j += PANEL) {
                VectorTiles4.row(k, a, ao, b, bo + j, ldb, c, co + j, accumulate);
            }
        }
        int whole = n - n % L;
        for (int p = 0; j < whole && (p < k || p == 0); p += Kernels.CHAIN) {
            chains(m, whole - j, Math.min(Kernels.CHAIN, k - p), a, ao + p * step, lda, step, b, bo + p * ldb + j, ldb,
                    c, co + j, ldc, accumulate || p > 0);
        }
        if (whole < n) {
            edge(m, n - whole, k, a, ao, lda, step, b, bo + whole, ldb, c, co + whole, ldc, accumulate);
        }
    }

    /** One chain for each element. */
    private static void chains(int m, int n, int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb,
            float[] c, int co, int ldc, boolean accumulate) {
        int j = 0;
        for (; j <= n - PANEL; j += PANEL) {
            if (WIDE) {
                VectorTiles4.multiply(m, k, a, ao, lda, step, b, bo + j, ldb, c, co + j, ldc, accumulate);
            } else {
                VectorTiles2.multiply(m, k, a, ao, lda, step, b, bo + j, ldb, c, co + j, ldc, accumulate);
            }
        }
        if (WIDE && j <= n - VectorTiles2.WIDTH) {
            VectorTiles2.multiply(m, k, a, ao, lda, step, b, bo + j, ldb, c, co + j, ldc, accumulate);
            j += VectorTiles2.WIDTH;
        }
        for (; j <= n - L; j += L) {
            VectorTiles1.multiply(m, k, a, ao, lda, step, b, bo + j, ldb, c, co + j, ldc, accumulate);
        }
    }

    /**
     * Fewer columns than a vector has: sums of whole vectors in room beside C. What stands behind B's columns is taken
     * as it is, since lanes do not meet; at B's end, where nothing does, a chain's rows are copied. Masks would need no
     * room, but their checks are more than C2 sees through.
     */
    private static void edge(int m, int n, int k, float[] a, int ao, int lda, int step, float[] b, int bo, int ldb,
            float[] c, int co, int ldc, boolean accumulate) {
        Edge edge = Edge.OWN.get();
        edge.grow(m * L);
        if (accumulate) {
            copy(m, n, c, co, ldc, edge.c, 0, L);
        }
        for (int p = 0; p < k || p == 0; p += Kernels.CHAIN) {
            int steps = Math.min(Kernels.CHAIN, k - p);
            int at = bo + p * ldb;
            boolean whole = at + (steps - 1) * ldb <= b.length - L;
            if (!whole) {
                copy(steps, n, b, at, ldb, edge.b, 0, L);
            }
            VectorTiles1.multiply(m, steps, a, ao + p * step, lda, step, whole ? b : edge.b, whole ? at : 0,
                    whole ? ldb : L, edge.c, 0, L, accumulate || p > 0);
        }
        copy(m, n, edge.c, 0, L, c, co, ldc);
    }

    private static void copy(int rows, int columns, float[] from, int fo, int fromStride, float[] to, int offset,
            int toStride) {
        for (int i = 0; i < rows; i++) {
            System.arraycopy(from, fo + i * fromStride, to, offset + i * toStride, columns);
        }
    }

    /** Room of one thread for the copies; what stands beside the columns in it does not matter. */
    private static final class Edge {
        static final ThreadLocal<Edge> OWN = ThreadLocal.withInitial(Edge::new);

        final float[] b = new float[Kernels.CHAIN * L];
        float[] c = {};

        void grow(int size) {
            if (c.length < size) {
                c = new float[size];
            }
        }
    }
}
