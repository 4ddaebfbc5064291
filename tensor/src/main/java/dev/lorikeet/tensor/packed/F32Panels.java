package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.AlignedRoom;
import dev.lorikeet.tensor.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** {@link WeightFormat#F32}: the panels as the kernels read them. */
final class F32Panels implements Panels {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private final PanelGrid grid;
    private final float[] weights;
    /** Where they begin. */
    private final int base;

    private F32Panels(PanelGrid grid) {
        this.grid = grid;
        AlignedRoom room = AlignedRoom.of(grid.words(1));
        this.weights = room.array();
        this.base = room.offset();
    }

    /** @param matrix W */
    static F32Panels pack(PanelGrid grid, Tensor matrix) {
        F32Panels panels = new F32Panels(grid);
        if (grid.transposed()) {
            panels.packColumns(matrix.data(), matrix.offset());
        } else {
            panels.packRows(matrix.data(), matrix.offset());
        }
        return panels;
    }

    /** Takes W over as a file has it, where B is Wᵀ. */
    static F32Panels take(PanelGrid grid, MemorySegment bytes) {
        F32Panels panels = new F32Panels(grid);
        int k = grid.k();
        for (int j = 0; j < grid.n(); j++) {
            long from = 4L * j * k;
            int to = panels.base + grid.word(1, 0, j);
            for (int p = 0; p < k; p++) {
                panels.weights[to + p * grid.width()] = bytes.get(FLOAT, from + 4L * p);
            }
        }
        return panels;
    }

    private void packRows(float[] matrix, int offset) {
        int n = grid.n();
        int width = grid.width();
        for (int p = 0; p < grid.k(); p++) {
            for (int j = 0; j < n; j += width) {
                System.arraycopy(matrix, offset + p * n + j, weights, base + grid.word(1, p, j),
                        Math.min(width, n - j));
            }
        }
    }

    private void packColumns(float[] matrix, int offset) {
        int k = grid.k();
        int width = grid.width();
        for (int j = 0; j < grid.n(); j++) {
            int source = offset + j * k;
            int target = base + grid.word(1, 0, j);
            for (int p = 0; p < k; p++) {
                weights[target + p * width] = matrix[source + p];
            }
        }
    }

    @Override
    public F32Panels turned() {
        F32Panels turned = new F32Panels(grid.turned());
        for (int p = 0; p < grid.k(); p++) {
            for (int j = 0; j < grid.n(); j++) {
                turned.weights[turned.base + turned.grid.word(1, j, p)] = weights[base + grid.word(1, p, j)];
            }
        }
        return turned;
    }

    @Override
    public void columns(Kernels kernels, int column, int count, float[] to, int at) {
        int k = grid.k();
        for (int j = 0; j < count; j++) {
            int from = base + grid.word(1, 0, column + j);
            for (int p = 0; p < k; p++) {
                to[at + j * k + p] = weights[from + p * grid.width()];
            }
        }
    }

    @Override
    public void warm(Kernels kernels) {
        int rows = 10; // by a tile of six and one of four, which most rows of any product are
        kernels.matmul(rows, grid.width(), 0, weights, 0, 0, weights, 0, grid.width(), new float[rows * grid.width()],
                0, grid.width(), false);
    }

    @Override
    public long bytes() {
        return 4L * grid.words(1);
    }

    @Override
    public void multiply(Kernels kernels, int column, int m, int n, float[] a, int ao, int lda, float[] c, int co,
            int ldc, boolean accumulate) {
        kernels.matmul(m, n, grid.k(), a, ao, lda, weights, base + grid.word(1, 0, column), grid.width(), c, co, ldc,
                accumulate);
    }
}
