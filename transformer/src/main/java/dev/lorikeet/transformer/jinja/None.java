package dev.lorikeet.transformer.jinja;

/** Python's {@code None}, so that null is no value. */
enum None {
    NONE
}
