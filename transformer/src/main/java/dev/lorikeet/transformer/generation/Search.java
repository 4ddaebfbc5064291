package dev.lorikeet.transformer.generation;

import dev.lorikeet.tensor.Tensor;
import java.util.List;

/** How one prompt is answered: which tokens are read next, and what is chosen by the logits of those. */
abstract sealed class Search permits TokenSearch, BeamSearch {
    /** How many sequences of a cache it may take. */
    abstract int rows();

    /** How many tokens each of them has at most. */
    abstract int maxLength();

    /** How many of them read a token in the next pass; 1 before the first choice, which has read the prompt. */
    abstract int active();

    /** The token that a row reads next. */
    abstract int next(int row);

    /**
     * Chooses by the logits behind what was read.
     *
     * @param first the row of {@code logits} that is this search's first one
     * @param logits (rows, vocabulary)
     */
    abstract void choose(Tensor logits, int first);

    /** For each row that reads next, the row whose tokens it goes on with. */
    abstract int[] parents();

    abstract boolean done();

    /** Ends it as it is. */
    abstract void cancel();

    /** Whether what its one sequence has read serves later prompts: beams part. */
    boolean isKept() {
        return false;
    }

    /**
     * So many tokens from the first of the prompt on.
     *
     * @throws IllegalStateException if there are several such texts
     */
    int[] first(int count) {
        throw new IllegalStateException("search: its texts part");
    }

    /**
     * Tells what the newest token has added, where that is settled before the end.
     *
     * @return whether anybody wants more
     */
    boolean tellNewest(int number, GenerationListener listener) {
        return true;
    }

    /** Tells the texts, which are whole. */
    void tellEnd(int number, GenerationListener listener) {
        generations().forEach(generation -> listener.onEnd(number, generation));
    }

    /** What was written, as many texts as asked for, the best first. */
    abstract List<Generation> generations();
}
