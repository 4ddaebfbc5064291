package dev.lorikeet.bench.peers.engines;

import dev.lorikeet.bench.peers.Batches;
import dev.lorikeet.bench.peers.Batches.Labelled;

/** Between padded batches and ours, where sequences lie end to end. */
final class Padding {
    private Padding() {}

    /** The rows of the real tokens alone, of hidden states (sequences, longest, hidden). */
    static float[] removed(Labelled batch, float[] hidden) {
        int width = Batches.HIDDEN;
        float[] rows = new float[batch.sequences().stream().mapToInt(ids -> ids.length).sum() * width];
        int at = 0;
        for (int s = 0; s < batch.sequences().size(); s++) {
            int length = batch.sequences().get(s).length * width;
            System.arraycopy(hidden, s * batch.longest() * width, rows, at, length);
            at += length;
        }
        return rows;
    }
}
