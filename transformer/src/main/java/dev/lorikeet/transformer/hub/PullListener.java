package dev.lorikeet.transformer.hub;

/** Hears how a {@link Hub#pull} goes on, on the thread that pulls. */
public interface PullListener {
    /** One that does not care. */
    PullListener NONE = new PullListener() {};

    /**
     * It is known what there is.
     *
     * @param commit that the revision means now
     * @param files how many the model has
     * @param bytes that these have together
     * @param missing bytes of those that are not in the cache
     */
    default void begins(String commit, int files, long bytes, long missing) {}

    /**
     * A part of a file has come.
     *
     * @param file its path in the repository
     * @param bytes that are there now, which may be fewer than before where it has to come anew
     * @param of its size
     */
    default void comes(String file, long bytes, long of) {}

    /** Nothing comes for a while, as when the hub has too many requests. */
    default void waits(String why) {}
}
