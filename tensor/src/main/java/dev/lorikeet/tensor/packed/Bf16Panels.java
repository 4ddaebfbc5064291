package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.DecodedRows;
import dev.lorikeet.tensor.kernel.Decoding;
import java.lang.foreign.MemorySegment;

/** {@link WeightFormat#BF16}: two weights to a word. */
final class Bf16Panels extends CodedPanels {
    private static final int PER_WORD = 2;

    private final int[] words;

    private Bf16Panels(PanelGrid grid) {
        super(grid);
        words = new int[grid.words(PER_WORD)];
    }

    /** @throws IllegalArgumentException if a weight is finite and its rounded value is not */
    static Bf16Panels pack(PanelGrid grid, WeightSource source) {
        Bf16Panels panels = new Bf16Panels(grid);
        for (int row = 0; row < grid.rows(); row++) {
            for (int x = 0; x < grid.columns(); x++) {
                grid.put(panels.words, PER_WORD, row, x, bits(source.at(row, x), row, x));
            }
        }
        return panels;
    }

    /** Takes W over as a file has it. */
    static Bf16Panels take(PanelGrid grid, MemorySegment bytes) {
        Bf16Panels panels = new Bf16Panels(grid);
        grid.putHalves(bytes, panels.words);
        return panels;
    }

    private static int bits(float weight, int row, int column) {
        int bits = Float.floatToRawIntBits(weight);
        if (Float.isNaN(weight)) {
            return bits >>> 16 | 0x40; // quiet: what rounding might carry away must not be all that made it NaN
        }
        int rounded = bits + 0x7fff + (bits >>> 16 & 1) >>> 16;
        if ((rounded & 0x7fff) == 0x7f80 && Float.isFinite(weight)) {
            throw new IllegalArgumentException(
                    "pack: weight (" + row + ", " + column + ") = " + weight + " is too large for BF16");
        }
        return rounded;
    }

    @Override
    public Bf16Panels turned() {
        Bf16Panels turned = new Bf16Panels(grid.turned());
        turned.grid.putAll(PER_WORD, grid, words, turned.words);
        return turned;
    }

    @Override
    public long bytes() {
        return 4L * words.length;
    }

    @Override
    void decode(Decoding decoding, int column, int p, int steps, Room room) {
        decoding.bf16(steps, grid.width(), words, grid.word(PER_WORD, p, column), room.weights);
    }

    @Override
    boolean multiplyRow(DecodedRows rows, int column, int p, int steps, float[] a, int ao, float[] c, int co,
            boolean accumulate) {
        if (steps % PER_WORD != 0) {
            return false;
        }
        rows.bf16Row(steps, grid.width(), a, ao, words, grid.word(PER_WORD, p, column), c, co, accumulate);
        return true;
    }
}
