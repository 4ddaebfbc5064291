package dev.lorikeet.tensor;

/**
 * Where the elements of B (k, n) lie in panels of {@code width} columns, in words of {@code perWord} consecutive steps
 * of k. Each panel is contiguous; in it a word of the next column follows, then the next words of all columns.
 *
 * @param transposed B is Wᵀ, so that k runs along the rows of the weight W and its rows are the columns of B; else B is W
 */
record PanelGrid(int k, int n, int width, boolean transposed) {

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

    /** The number of rows of W. */
    int rows() {
        return transposed ? n : k;
    }

    /** The number of columns of W. */
    int columns() {
        return transposed ? k : n;
    }
}
