package dev.lorikeet.tensor.packed;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Where the elements of B (k, n) lie in panels of {@code width} columns, in words of {@code perWord} consecutive steps
 * of k. Each panel is contiguous; in it a word of the next column follows, then the next words of all columns.
 *
 * @param transposed B is Wᵀ, so that k runs along the rows of the weight W and its rows are the columns of B; else B is
 *     W
 */
record PanelGrid(int k, int n, int width, boolean transposed) {
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The columns with those that fill up the last panel. */
    int paddedColumns() {
        return Math.multiplyExact(Math.ceilDiv(n, width), width);
    }

    /** The number of words of all panels. */
    int words(int perWord) {
        return Math.multiplyExact(paddedColumns(), Math.ceilDiv(k, perWord));
    }

    /** The word of step p and column j. */
    int word(int perWord, int p, int j) {
        return j / width * width * Math.ceilDiv(k, perWord) + p / perWord * width + j % width;
    }

    /** Puts {@code bits} at element {@code x} of row {@code row} of W, where there are zeros. */
    void put(int[] words, int perWord, int row, int x, int bits) {
        int p = transposed ? x : row;
        int j = transposed ? row : x;
        words[word(perWord, p, j)] |= bits << 32 / perWord * (p % perWord);
    }

    /** The bits of element {@code x} of row {@code row} of W. */
    int get(int[] words, int perWord, int row, int x) {
        int p = transposed ? x : row;
        int j = transposed ? row : x;
        return words[word(perWord, p, j)] >>> 32 / perWord * (p % perWord) & (int) ((1L << 32 / perWord) - 1);
    }

    /** The grid of the same weight for the other direction. */
    PanelGrid turned() {
        return new PanelGrid(n, k, width, !transposed);
    }

    /** Puts the elements of words that lie as in {@code source} where this grid has them. */
    void putAll(int perWord, PanelGrid source, int[] from, int[] to) {
        for (int row = 0; row < rows(); row++) {
            for (int x = 0; x < columns(); x++) {
                put(to, perWord, row, x, source.get(from, perWord, row, x));
            }
        }
    }

    /** Puts numbers of 16 bits, two to a word, where B is Wᵀ: W row by row, little-endian. */
    void putHalves(MemorySegment bytes, int[] to) {
        FileBytes row = new FileBytes();
        for (int i = 0; i < n; i++) {
            row.read(bytes, 2L * i * k, 2 * k);
            putHalves(row, i, to);
        }
    }

    private void putHalves(FileBytes bytes, int row, int[] to) {
        int word = word(2, 0, row);
        for (int p = 0; p + 1 < k; p += 2, word += width) {
            to[word] = bytes.fourBytes(2 * p);
        }
        if (k % 2 != 0) {
            to[word] = bytes.unsignedShort(2 * (k - 1));
        }
    }

    /** The number of rows of W. */
    int rows() {
        return transposed ? n : k;
    }

    /** The number of columns of W. */
    int columns() {
        return transposed ? k : n;
    }
}
