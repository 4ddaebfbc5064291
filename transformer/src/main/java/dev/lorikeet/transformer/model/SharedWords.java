package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.nn.Embedding;

/** A table of words that several parts of a model share, and that files may hold under the name of any of them. */
final class SharedWords {
    private SharedWords() {}

    /** Files in which it has the first of its names. */
    static TensorReader named(TensorReader files, String path, String... others) {
        TensorReader named = files;
        for (String other : others) {
            named = named.orElse(path + ".weight", other + ".weight");
        }
        return named;
    }

    /** Refuses files in which one of the other names has other values. */
    static void requireSame(TensorReader files, Embedding words, String... others) {
        for (String other : others) {
            if (files.differs(other + ".weight", () -> words.weight().value())) {
                throw files.error(other + ".weight", "differs from the table that it is tied to");
            }
        }
    }
}
