package dev.lorikeet.transformer.model;

import java.util.List;

/**
 * Token sequences laid end to end, without padding: sequence s is rows offsets[s] … offsets[s + 1] - 1.
 *
 * @param ids (rows) token ids
 * @param typeIds (rows) segment ids: 0, or 1 in the second of two texts
 * @param offsets (sequences + 1), from 0 up to the number of rows
 */
public record Batch(int[] ids, int[] typeIds, int[] offsets) {
    public Batch {
        if (ids.length != typeIds.length || offsets.length < 2 || offsets[0] != 0
                || offsets[offsets.length - 1] != ids.length) {
            throw new IllegalArgumentException("batch: " + ids.length + " ids, " + typeIds.length + " type ids and "
                    + offsets.length + " offsets do not fit together");
        }
        for (int s = 1; s < offsets.length; s++) {
            if (offsets[s] <= offsets[s - 1]) {
                throw new IllegalArgumentException("batch: sequence " + (s - 1) + " is empty");
            }
        }
    }

    /** Packs sequences of token ids, all of segment 0. */
    public static Batch of(List<int[]> sequences) {
        int[] offsets = new int[sequences.size() + 1];
        for (int s = 0; s < sequences.size(); s++) {
            offsets[s + 1] = offsets[s] + sequences.get(s).length;
        }
        int[] ids = new int[offsets[sequences.size()]];
        for (int s = 0; s < sequences.size(); s++) {
            System.arraycopy(sequences.get(s), 0, ids, offsets[s], sequences.get(s).length);
        }
        return new Batch(ids, new int[ids.length], offsets);
    }

    public int sequences() {
        return offsets.length - 1;
    }

    public int rows() {
        return ids.length;
    }

    /** (rows) the place of each token in its sequence, from 0 on. */
    int[] positions() {
        int[] positions = new int[ids.length];
        for (int s = 0; s < sequences(); s++) {
            for (int i = offsets[s]; i < offsets[s + 1]; i++) {
                positions[i] = i - offsets[s];
            }
        }
        return positions;
    }
}
