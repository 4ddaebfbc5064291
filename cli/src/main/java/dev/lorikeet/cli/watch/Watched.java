package dev.lorikeet.cli.watch;

/** A page that changes. Both methods are called by threads of the server's. */
public interface Watched {
    /** Another number whenever the page is another. */
    long version();

    /** The page, whole. */
    String html();
}
