package dev.lorikeet.transformer.model;

/** What to do with the pooler of an architecture that may have one. */
public enum Pooler {
    REQUIRED, WHERE_PRESENT, NONE
}
