package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.Kernels;
import java.lang.foreign.MemorySegment;

/**
 * The right-hand side B (k, n) of a matrix product, packed once into panels of {@link Kernels#panelWidth()} columns,
 * each panel contiguous in k, so that the register tile reads it in one stream. The last panel is padded with zeros.
 *
 * <p>B is a weight W (out, in) for dx = dy·W, or Wᵀ for y = x·Wᵀ. It is stored in one of the {@link WeightFormat}s, and
 * never decoded as a whole: a product decodes a part at a time into the registers or the cache of a core.
 */
public final class PackedMatrix {
    private final PanelGrid grid;
    final int rows;
    final int columns;
    final int width;
    private final WeightFormat format;
    final Panels panels;

    private PackedMatrix(PanelGrid grid, WeightFormat format, Panels panels) {
        this.grid = grid;
        this.rows = grid.k();
        this.columns = grid.n();
        this.width = grid.width();
        this.format = format;
        this.panels = panels;
    }

    /** Packs B = {@code matrix} (k, n). */
    public static PackedMatrix of(Kernels kernels, Tensor matrix) {
        return of(kernels, matrix, WeightFormat.F32);
    }

    /** Packs B = Wᵀ (in, out) for a weight W = {@code matrix} (out, in), as y = x·Wᵀ needs it. */
    public static PackedMatrix ofTransposed(Kernels kernels, Tensor matrix) {
        return ofTransposed(kernels, matrix, WeightFormat.F32);
    }

    /**
     * Packs B = {@code matrix} (k, n), rounded to {@code format}.
     *
     * @param format one that is not a GGUF block format; the channels of {@link WeightFormat#INT8} are the rows
     * @throws IllegalArgumentException if the format cannot be made here, or cannot hold a weight
     */
    public static PackedMatrix of(Kernels kernels, Tensor matrix, WeightFormat format) {
        return rounded(grid(kernels, matrix.dim(0), matrix.dim(1), false), matrix, format);
    }

    /** As {@link #of(Kernels, Tensor, WeightFormat)} for B = Wᵀ (in, out) and a weight W = {@code matrix} (out, in). */
    public static PackedMatrix ofTransposed(Kernels kernels, Tensor matrix, WeightFormat format) {
        return rounded(grid(kernels, matrix.dim(0), matrix.dim(1), true), matrix, format);
    }

    /**
     * Packs B = W (rows, columns), which {@code bytes} holds as a file has it: row by row, little-endian.
     *
     * @param format any but {@link WeightFormat#INT8}
     * @throws IllegalArgumentException if a row is no whole number of blocks, or {@code bytes} is not as long as they
     *     are
     */
    public static PackedMatrix of(Kernels kernels, MemorySegment bytes, WeightFormat format, int rows, int columns) {
        return ofTransposed(kernels, bytes, format, rows, columns).turned();
    }

    /** As {@link #of(Kernels, MemorySegment, WeightFormat, int, int)} for B = Wᵀ (columns, rows). */
    public static PackedMatrix ofTransposed(Kernels kernels, MemorySegment bytes, WeightFormat format, int rows,
            int columns) {
        check(bytes, format, rows, columns);
        return taken(grid(kernels, rows, columns, true), bytes, format);
    }

    private static PanelGrid grid(Kernels kernels, int rows, int columns, boolean transposed) {
        return transposed ? new PanelGrid(columns, rows, kernels.panelWidth(), true)
                : new PanelGrid(rows, columns, kernels.panelWidth(), false);
    }

    private static PackedMatrix rounded(PanelGrid grid, Tensor matrix, WeightFormat format) {
        return new PackedMatrix(grid, format, switch (format) {
            case F32 -> F32Panels.pack(grid, matrix);
            case BF16 -> Bf16Panels.pack(grid, WeightSource.of(matrix));
            case F16 -> F16Panels.pack(grid, WeightSource.of(matrix));
            case INT8 -> Int8Panels.pack(grid, WeightSource.of(matrix));
            case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw new IllegalArgumentException(
                    "pack: " + format + " is taken from the bytes of a file, not made from float32");
        });
    }

    /** @param grid that of Wᵀ */
    private static PackedMatrix taken(PanelGrid grid, MemorySegment bytes, WeightFormat format) {
        return new PackedMatrix(grid, format, switch (format) {
            case F32 -> F32Panels.take(grid, bytes);
            case BF16 -> Bf16Panels.take(grid, bytes);
            case F16 -> F16Panels.take(grid, bytes);
            case INT8 -> throw new IllegalArgumentException(
                    "pack: INT8 is made from float32, it has no bytes in a file");
            case Q8_0 -> new Q8_0Panels(grid).readAll(format, bytes);
            case Q4_0 -> new Q4_0Panels(grid).readAll(format, bytes);
            case Q4_1 -> new Q4_1Panels(grid).readAll(format, bytes);
            case Q5_0 -> new Q5_0Panels(grid).readAll(format, bytes);
            case Q5_1 -> new Q5_1Panels(grid).readAll(format, bytes);
            case Q4_K -> new Q4_KPanels(grid).readAll(format, bytes);
            case Q5_K -> new Q5_KPanels(grid).readAll(format, bytes);
            case Q6_K -> new Q6_KPanels(grid).readAll(format, bytes);
        });
    }

    private static void check(MemorySegment bytes, WeightFormat format, int rows, int columns) {
        if (rows < 0 || columns < 0 || columns % format.blockLength() != 0) {
            throw new IllegalArgumentException("pack: rows of " + format + " are whole blocks of "
                    + format.blockLength() + ", which (" + rows + ", " + columns + ") is not");
        }
        long size = (long) rows * (columns / format.blockLength()) * format.blockBytes();
        if (bytes.byteSize() != size) {
            throw new IllegalArgumentException("pack: (" + rows + ", " + columns + ") in " + format + " has " + size
                    + " bytes, not " + bytes.byteSize());
        }
    }

    /** k, the length of the sums. */
    public int rows() {
        return rows;
    }

    /** n, the length of a result row. */
    public int columns() {
        return columns;
    }

    public WeightFormat format() {
        return format;
    }

    /** The same weight for the other direction: B = W where this is Wᵀ. */
    public PackedMatrix turned() {
        return new PackedMatrix(grid.turned(), format, panels.turned());
    }

    /**
     * Columns {@code column} to {@code column + count} of B in float32, one after the other, as far as one panel goes.
     */
    void columns(Kernels kernels, int column, int count, float[] to, int at) {
        panels.columns(kernels, column, count, to, at);
    }

    /** The bytes of the panels, which a product with one row reads once. */
    public long bytes() {
        return panels.bytes();
    }

    /** Lets the kernels that its products need be compiled, as far as they are not. */
    PackedMatrix warm(Kernels kernels) {
        if (rows > 0 && columns > 0) {
            panels.warm(kernels);
        }
        return this;
    }

    /** {@link Kernels#matmul} with up to {@link #width} columns from {@code column} on, where a panel starts. */
    void multiply(Kernels kernels, int column, int m, int n, float[] a, int ao, int lda, float[] c, int co, int ldc,
            boolean accumulate) {
        panels.multiply(kernels, column, m, n, a, ao, lda, c, co, ldc, accumulate);
    }

    @Override
    public String toString() {
        return "PackedMatrix(" + rows + ", " + columns + ") of " + format + " in panels of " + width;
    }
}
