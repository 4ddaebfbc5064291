package dev.lorikeet.tensor;

/**
 * The right-hand side B (k, n) of a matrix product, packed once into panels of {@link Kernels#panelWidth()} columns,
 * each panel contiguous in k, so that the register tile reads it in one stream. The last panel is padded with zeros.
 */
public final class PackedMatrix {
    final int rows;
    final int columns;
    final int width;
    final float[] panels;

    private PackedMatrix(int rows, int columns, int width) {
        this.rows = rows;
        this.columns = columns;
        this.width = width;
        this.panels = new float[Math.multiplyExact(Math.ceilDiv(columns, width) * width, rows)];
    }

    /** Packs B = {@code matrix} (k, n). */
    public static PackedMatrix of(Kernels kernels, Tensor matrix) {
        PackedMatrix packed = new PackedMatrix(matrix.dim(0), matrix.dim(1), kernels.panelWidth());
        for (int k = 0; k < packed.rows; k++) {
            int row = matrix.offset() + k * packed.columns;
            for (int j = 0; j < packed.columns; j += packed.width) {
                System.arraycopy(matrix.data(), row + j, packed.panels, packed.panel(j) + k * packed.width,
                        Math.min(packed.width, packed.columns - j));
            }
        }
        return packed;
    }

    /** Packs B = Wᵀ (in, out) for a weight W = {@code matrix} (out, in), as y = x·Wᵀ needs it. */
    public static PackedMatrix ofTransposed(Kernels kernels, Tensor matrix) {
        PackedMatrix packed = new PackedMatrix(matrix.dim(1), matrix.dim(0), kernels.panelWidth());
        for (int j = 0; j < packed.columns; j++) {
            int source = matrix.offset() + j * packed.rows;
            int target = packed.panel(j - j % packed.width) + j % packed.width;
            for (int k = 0; k < packed.rows; k++) {
                packed.panels[target + k * packed.width] = matrix.data()[source + k];
            }
        }
        return packed;
    }

    /** k, the length of the sums. */
    public int rows() {
        return rows;
    }

    /** n, the length of a result row. */
    public int columns() {
        return columns;
    }

    /** Where the panel that starts with column {@code column} begins. */
    int panel(int column) {
        return column * rows;
    }

    @Override
    public String toString() {
        return "PackedMatrix(" + rows + ", " + columns + ") in panels of " + width;
    }
}
