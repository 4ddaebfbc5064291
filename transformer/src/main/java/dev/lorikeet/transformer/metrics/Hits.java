package dev.lorikeet.transformer.metrics;

import dev.lorikeet.transformer.metrics.ClassScores.Score;

/** Counts that a score is made of: what was said, what is so, and what was said and is so. */
final class Hits {
    private int both;
    private int said;
    private int have;

    void add(boolean isSaid, boolean isSo) {
        both += isSaid && isSo ? 1 : 0;
        said += isSaid ? 1 : 0;
        have += isSo ? 1 : 0;
    }

    void add(Hits other) {
        both += other.both;
        said += other.said;
        have += other.have;
    }

    /** How often one was without the other. */
    int misses() {
        return said + have - 2 * both;
    }

    Score score() {
        return Score.of(both, said, have);
    }
}
