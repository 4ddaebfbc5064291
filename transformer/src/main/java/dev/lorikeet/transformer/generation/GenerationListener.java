package dev.lorikeet.transformer.generation;

import dev.lorikeet.transformer.io.InputException;

/** Hears of texts while they are written, in the thread that generates. */
@FunctionalInterface
public interface GenerationListener {
    /** Listens to nothing. */
    GenerationListener NONE = (prompt, token, text) -> true;

    /**
     * A prompt is about to be read.
     *
     * @param known how many of its tokens an earlier text had read, which are not read again
     */
    default void onBegin(int prompt, int known) {}

    /**
     * A token has come. A beam search, whose tokens may change until its end, tells all of its best text then.
     *
     * @param text that it adds, never half a character and nothing of what may become a stop string; empty where it
     *     adds none yet
     * @return whether the text goes on; else it ends as {@link FinishReason#CANCELLED}
     */
    boolean onToken(int prompt, int token, String text);

    /**
     * A text cannot go on, for example since its form is too large; the others do.
     *
     * @throws InputException the fault, if nobody takes it
     */
    default void onFault(int prompt, InputException fault) {
        throw fault;
    }

    /** A text is whole. */
    default void onEnd(int prompt, Generation generation) {}
}
