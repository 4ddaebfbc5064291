package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.DecodedRows;
import dev.lorikeet.tensor.kernel.Decoding;
import java.lang.foreign.MemorySegment;

/**
 * The formats of GGUF files: quants in words as in all {@link CodedPanels}, and beside them the scales as the file has
 * them, in words for each row of W and each unit of {@value #UNIT} neighbours in it, a chain where B is Wᵀ.
 *
 * <p>Scales of a run of rows lie side by side: the columns of a panel where B is Wᵀ, else the rows of a chain. So both
 * directions expand them alike, and only then differ: a scale belongs to a column and some steps, or to a step and some
 * columns. The words are {@code [run][unit][word][row of the run]}.
 *
 * <p>d·q is exact in float32 in all of these formats, so that a sum with a minimum is rounded once, fused or not.
 */
abstract sealed class BlockPanels extends CodedPanels permits Q8_0Panels, Q4_0Panels, Q4_1Panels, Q5_0Panels,
        Q5_1Panels, ScaledBlockPanels, Q6_KPanels {
    static final int UNIT = CHAIN;

    private final Layout layout;
    private final int run;
    private final int units;
    private final int[] quants;
    /** The upper bits of the quants, in words of their own, where a quant has more than its word takes. */
    final int[] high;
    private final int[] scales;

    /**
     * What is where in a format.
     *
     * @param perWord the quants in a word
     * @param perHighWord the quants whose upper bits are in a word; 0 where there are none
     * @param block the weights that have a scale in common
     * @param scaleWords the words for the scales of a unit
     * @param minimum whether there are minima
     */
    record Layout(int perWord, int perHighWord, int block, int scaleWords, boolean minimum) {}

    BlockPanels(PanelGrid grid, Layout layout) {
        super(grid);
        this.layout = layout;
        run = grid.transposed() ? grid.width() : CHAIN;
        units = Math.ceilDiv(grid.columns(), UNIT);
        int rows = Math.multiplyExact(Math.ceilDiv(grid.rows(), run), run);
        quants = new int[grid.words(layout.perWord)];
        high = new int[layout.perHighWord == 0 ? 0 : grid.words(layout.perHighWord)];
        scales = new int[Math.multiplyExact(rows, Math.multiplyExact(units, layout.scaleWords))];
    }

    /** Takes the block at {@code at} in, which begins with element {@code x} of {@code row}, where B is Wᵀ. */
    abstract void read(FileBytes bytes, int at, Row row, int x);

    /**
     * Decodes the scales of a unit and a run, of which word s of row i is {@code words[at + s · run + i]}: those of
     * block b to {@link Room#scales}{@code [b · run + i]}, and to {@link Room#mins} where there are minima.
     */
    abstract void expand(Decoding decoding, int[] words, int at, int run, Room room);

    /** Decodes the quants of {@code steps} steps from p, of which {@code block} at a time have a scale in common. */
    abstract void decodeQuants(Decoding decoding, int steps, int[] words, int column, int p, int block,
            float[] scales, float[] mins, float[] out);

    /** Multiplies a row with these weights. */
    abstract void multiplyQuants(DecodedRows rows, int steps, float[] a, int ao, int[] words, int column, int p,
            float[] scales, float[] mins, float[] c, int co, boolean accumulate);

    /** Panels like these, for another grid, all zero. */
    abstract BlockPanels empty(PanelGrid grid);

    @Override
    public BlockPanels turned() {
        BlockPanels turned = empty(grid.turned());
        turned.grid.putAll(layout.perWord, grid, quants, turned.quants);
        if (layout.perHighWord > 0) {
            turned.grid.putAll(layout.perHighWord, grid, high, turned.high);
        }
        for (int row = 0; row < grid.rows(); row++) {
            for (int unit = 0; unit < units; unit++) {
                for (int s = 0; s < layout.scaleWords; s++) {
                    turned.scales[turned.scaleWord(row, unit, s)] = scales[scaleWord(row, unit, s)];
                }
            }
        }
        return turned;
    }

    /** Takes all blocks in, where B is Wᵀ. */
    final BlockPanels readAll(WeightFormat format, MemorySegment bytes) {
        int blocks = grid.columns() / format.blockLength();
        int size = blocks * format.blockBytes();
        FileBytes row = new FileBytes();
        for (int i = 0; i < grid.rows(); i++) {
            row.read(bytes, (long) i * size, size);
            readRow(row, new Row(i), blocks, format);
        }
        return this;
    }

    private void readRow(FileBytes bytes, Row row, int blocks, WeightFormat format) {
        for (int b = 0; b < blocks; b++) {
            read(bytes, b * format.blockBytes(), row, b * format.blockLength());
        }
    }

    /** Where the words of a row of W go, where B is Wᵀ. */
    final class Row {
        private final int firstQuants;
        private final int firstHigh;
        private final int firstScales;

        private Row(int row) {
            firstQuants = grid.word(layout.perWord, 0, row);
            firstHigh = layout.perHighWord == 0 ? 0 : grid.word(layout.perHighWord, 0, row);
            firstScales = scaleWord(row, 0, 0);
        }

        /** Puts word {@code number} of the row's quants. */
        void quants(int number, int word) {
            quants[firstQuants + number * grid.width()] = word;
        }

        /** Puts word {@code number} of the row's upper bits. */
        void high(int number, int word) {
            high[firstHigh + number * grid.width()] = word;
        }

        /** Puts bits into word {@code s} of the scales of a unit. */
        void scales(int unit, int s, int bits) {
            scales[firstScales + (unit * layout.scaleWords + s) * run] |= bits;
        }

        /** Puts two words of quants of 4 bits: 8 bytes have one of each word, the upper word's in their upper half. */
        void nibbles(int lower, int upper, long bytes) {
            quants(lower, lowerHalves(bytes));
            quants(upper, lowerHalves(bytes >>> 4));
        }
    }

    @Override
    public long bytes() {
        return 4L * quants.length + 4L * high.length + 4L * scales.length;
    }

    @Override
    final void decode(Decoding decoding, int column, int p, int steps, Room room) {
        float[] mins = layout.minimum ? room.mins : NO_MINIMUM;
        if (grid.transposed()) {
            expand(decoding, scales, scaleWord(column, p / UNIT, 0), run, room);
            decodeQuants(decoding, steps, quants, column, p, layout.block, room.scales, mins,
                    room.weights);
        } else {
            expand(decoding, scales, scaleWord(p, column / UNIT, 0), run, room);
            decodeQuants(decoding, steps, quants, column, p, CHAIN, ONES, NO_MINIMUM, room.weights);
            int first = column % UNIT / layout.block;
            decoding.scale(steps, grid.width(), layout.block, room.scales, mins, first * CHAIN, room.weights);
        }
    }

    @Override
    final boolean multiplyRow(DecodedRows rows, int column, int p, int steps, float[] a, int ao, float[] c, int co,
            boolean accumulate) {
        if (grid.transposed()) {
            Room room = Room.own(grid.width());
            expand(rows, scales, scaleWord(column, p / UNIT, 0), run, room);
            multiplyQuants(rows, steps, a, ao, quants, column, p, room.scales, layout.minimum ? room.mins : NO_MINIMUM,
                    c, co,
                    accumulate);
        }
        return grid.transposed();
    }

    private int scaleWord(int row, int unit, int s) {
        return ((row / run * units + unit) * layout.scaleWords + s) * run + row % run;
    }

    /** The lower halves of eight bytes, side by side. */
    private static int lowerHalves(long bytes) {
        long pairs = bytes & 0x0f0f0f0f0f0f0f0fL;
        pairs = (pairs | pairs >>> 4) & 0x00ff00ff00ff00ffL;
        pairs = (pairs | pairs >>> 8) & 0x0000ffff0000ffffL;
        return (int) (pairs | pairs >>> 16);
    }

    /** The lowest two bits of each of eight bytes, side by side. */
    static int lowestTwo(long bytes) {
        long pairs = bytes & 0x0303030303030303L;
        pairs = (pairs | pairs >>> 6) & 0x000f000f000f000fL;
        pairs = (pairs | pairs >>> 12) & 0x000000ff000000ffL;
        return (int) (pairs | pairs >>> 24) & 0xffff;
    }

    /** The lowest bit of each of eight bytes, side by side. */
    static int lowest(long bytes) {
        return (int) ((bytes & 0x0101010101010101L) * 0x0102040810204080L >>> 56);
    }

}
