package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.DecodedRows;
import dev.lorikeet.tensor.kernel.Decoding;
import java.lang.foreign.MemorySegment;

/** {@link WeightFormat#F16}: two weights to a word. */
final class F16Panels extends CodedPanels {
    private static final int PER_WORD = 2;

    private final int[] words;

    private F16Panels(PanelGrid grid) {
        super(grid);
        words = new int[grid.words(PER_WORD)];
    }

    /** @throws IllegalArgumentException if a weight is finite and its rounded value is not */
    static F16Panels pack(PanelGrid grid, WeightSource source) {
        F16Panels panels = new F16Panels(grid);
        for (int row = 0; row < grid.rows(); row++) {
            for (int x = 0; x < grid.columns(); x++) {
                grid.put(panels.words, PER_WORD, row, x, bits(source.at(row, x), row, x));
            }
        }
        return panels;
    }

    /** Takes W over as a file has it. */
    static F16Panels take(PanelGrid grid, MemorySegment bytes) {
        F16Panels panels = new F16Panels(grid);
        grid.putHalves(bytes, panels.words);
        return panels;
    }

    private static int bits(float weight, int row, int column) {
        int rounded = Float.floatToFloat16(weight) & 0xffff;
        if ((rounded & 0x7fff) == 0x7c00 && Float.isFinite(weight)) {
            throw new IllegalArgumentException(
                    "pack: weight (" + row + ", " + column + ") = " + weight + " is too large for F16");
        }
        return rounded;
    }

    @Override
    public F16Panels turned() {
        F16Panels turned = new F16Panels(grid.turned());
        turned.grid.putAll(PER_WORD, grid, words, turned.words);
        return turned;
    }

    @Override
    public long bytes() {
        return 4L * words.length;
    }

    @Override
    void decode(Decoding decoding, int column, int p, int steps, Room room) {
        decoding.f16(steps, grid.width(), words, grid.word(PER_WORD, p, column), room.weights);
    }

    @Override
    boolean multiplyRow(DecodedRows rows, int column, int p, int steps, float[] a, int ao, float[] c, int co,
            boolean accumulate) {
        if (steps % PER_WORD != 0) {
            return false;
        }
        rows.f16Row(steps, grid.width(), a, ao, words, grid.word(PER_WORD, p, column), c, co, accumulate);
        return true;
    }
}
