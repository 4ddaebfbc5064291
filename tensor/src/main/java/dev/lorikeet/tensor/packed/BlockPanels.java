package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.kernel.DecodedRows;
import dev.lorikeet.tensor.kernel.Decoding;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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
abstract sealed class BlockPanels extends CodedPanels permits Q8_0Panels, Q4_0Panels, Q4_1Panels, Q4_KPanels,
        Q6_KPanels {
    static final int UNIT = CHAIN;

    private final int perWord;
    private final int block;
    private final int scaleWords;
    private final boolean minimum;
    private final int run;
    private final int units;
    private final int[] quants;
    private final int[] scales;

    /**
     * @param perWord the quants in a word
     * @param block the weights that have a scale in common
     * @param scaleWords the words for the scales of a unit
     * @param minimum whether there are minima
     */
    BlockPanels(PanelGrid grid, int perWord, int block, int scaleWords, boolean minimum) {
        super(grid);
        this.perWord = perWord;
        this.block = block;
        this.scaleWords = scaleWords;
        this.minimum = minimum;
        run = grid.transposed() ? grid.width() : CHAIN;
        units = Math.ceilDiv(grid.columns(), UNIT);
        int rows = Math.multiplyExact(Math.ceilDiv(grid.rows(), run), run);
        quants = new int[grid.words(perWord)];
        scales = new int[Math.multiplyExact(rows, Math.multiplyExact(units, scaleWords))];
    }

    /** Takes the block at {@code at} in, which begins with element {@code x} of row {@code row} of W. */
    abstract void read(MemorySegment bytes, long at, int row, int x);

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
        turned.grid.putAll(perWord, grid, quants, turned.quants);
        for (int row = 0; row < grid.rows(); row++) {
            for (int unit = 0; unit < units; unit++) {
                for (int s = 0; s < scaleWords; s++) {
                    turned.scales[turned.scaleWord(row, unit, s)] = scales[scaleWord(row, unit, s)];
                }
            }
        }
        return turned;
    }

    final BlockPanels readAll(WeightFormat format, MemorySegment bytes) {
        long at = 0;
        for (int row = 0; row < grid.rows(); row++) {
            for (int x = 0; x < grid.columns(); x += format.blockLength()) {
                read(bytes, at, row, x);
                at += format.blockBytes();
            }
        }
        return this;
    }

    @Override
    public long bytes() {
        return 4L * quants.length + 4L * scales.length;
    }

    @Override
    final void decode(Decoding decoding, int column, int p, int steps, Room room) {
        float[] mins = minimum ? room.mins : NO_MINIMUM;
        if (grid.transposed()) {
            expand(decoding, scales, scaleWord(column, p / UNIT, 0), run, room);
            decodeQuants(decoding, steps, quants, column, p, block, room.scales, mins, room.weights);
        } else {
            expand(decoding, scales, scaleWord(p, column / UNIT, 0), run, room);
            decodeQuants(decoding, steps, quants, column, p, CHAIN, ONES, NO_MINIMUM, room.weights);
            int first = column % UNIT / block;
            decoding.scale(steps, grid.width(), block, room.scales, mins, first * CHAIN, room.weights);
        }
    }

    @Override
    final boolean multiplyRow(DecodedRows rows, int column, int p, int steps, float[] a, int ao, float[] c, int co,
            boolean accumulate) {
        if (grid.transposed()) {
            Room room = Room.own(grid.width());
            expand(rows, scales, scaleWord(column, p / UNIT, 0), run, room);
            multiplyQuants(rows, steps, a, ao, quants, column, p, room.scales, minimum ? room.mins : NO_MINIMUM, c, co,
                    accumulate);
        }
        return grid.transposed();
    }

    final void putQuant(int row, int x, int bits) {
        grid.put(quants, perWord, row, x, bits);
    }

    /** Puts {@code bits} into word {@code s} of the scales of the unit that element {@code x} of a row is in. */
    final void putScale(int row, int x, int s, int bits) {
        scales[scaleWord(row, x / UNIT, s)] |= bits;
    }

    private int scaleWord(int row, int unit, int s) {
        return ((row / run * units + unit) * scaleWords + s) * run + row % run;
    }

    static int unsignedShort(MemorySegment bytes, long at) {
        return bytes.get(WeightSource.SHORT, at) & 0xffff;
    }

    static int unsignedByte(MemorySegment bytes, long at) {
        return bytes.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }
}
