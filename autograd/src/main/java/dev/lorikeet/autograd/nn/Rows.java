package dev.lorikeet.autograd.nn;

import java.util.Arrays;

/**
 * What the rows of a matrix are in a forward pass: those of sequence s are {@code offsets[s]} …
 * {@code offsets[s + 1] - 1}, without padding.
 *
 * @param offsets (sequences + 1), from 0 up to the number of rows; no sequence is empty
 * @param positions (rows) the place of each token in its text; 0 where a row is a sequence
 */
public record Rows(Kind kind, int[] offsets, int[] positions) {
    /** What one row is. */
    public enum Kind {
        /** One token. */
        TOKEN,
        /** A whole sequence: behind a pooling. */
        SEQUENCE
    }

    /** @throws IllegalArgumentException if the parts do not fit together */
    public Rows {
        boolean fits = offsets.length > 0 && offsets[0] == 0 && offsets[offsets.length - 1] == positions.length;
        for (int s = 1; s < offsets.length && fits; s++) {
            fits = offsets[s - 1] < offsets[s] && (kind == Kind.TOKEN || offsets[s] == s);
        }
        if (!fits) {
            throw new IllegalArgumentException("rows: offsets " + Arrays.toString(offsets) + " for "
                    + positions.length + " positions, each a " + kind);
        }
    }

    /** Tokens of texts that begin here, so that positions count from 0. */
    public static Rows tokens(int... offsets) {
        return tokens(offsets, new int[offsets.length - 1]);
    }

    /**
     * Tokens of texts that may have begun before.
     *
     * @param starts (sequences) the position of the first row of each
     */
    public static Rows tokens(int[] offsets, int[] starts) {
        int[] positions = new int[offsets[offsets.length - 1]];
        for (int s = 0; s + 1 < offsets.length; s++) {
            for (int i = offsets[s]; i < offsets[s + 1]; i++) {
                positions[i] = starts[s] + i - offsets[s];
            }
        }
        return new Rows(Kind.TOKEN, offsets, positions);
    }

    /** One row for each sequence. */
    public static Rows sequences(int count) {
        int[] offsets = new int[count + 1];
        Arrays.setAll(offsets, s -> s);
        return new Rows(Kind.SEQUENCE, offsets, new int[count]);
    }

    public int count() {
        return positions.length;
    }

    public int sequences() {
        return offsets.length - 1;
    }

    /** How many rows a sequence has. */
    public int length(int sequence) {
        return offsets[sequence + 1] - offsets[sequence];
    }

    /** The numbers of the rows of some sequences, one sequence behind the other. */
    public int[] of(int... sequences) {
        int[] numbers = new int[Arrays.stream(sequences).map(this::length).sum()];
        int next = 0;
        for (int s : sequences) {
            for (int i = offsets[s]; i < offsets[s + 1]; i++) {
                numbers[next++] = i;
            }
        }
        return numbers;
    }

    /** What the rows {@link #of} some sequences are when they stand alone. */
    public Rows part(int... sequences) {
        int[] ends = new int[sequences.length + 1];
        for (int i = 0; i < sequences.length; i++) {
            ends[i + 1] = ends[i] + length(sequences[i]);
        }
        return new Rows(kind, ends, Arrays.stream(of(sequences)).map(i -> positions[i]).toArray());
    }
}
