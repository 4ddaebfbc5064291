package dev.lorikeet.transformer.model;

/** What was put into a model's layers and is kept beside its base: adapters. */
public interface Attachment {
    /** Whether it is in the layers, and was not taken out again. */
    boolean attached();

    /** Whether the weights of the layers hold it already. */
    boolean merged();
}
