package dev.lorikeet.transformer.weights;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.weights.GgufArchitecture.Lies;
import java.util.function.IntUnaryOperator;

/** Where rows of Hugging Face's matrices and vectors are in GGUF files. */
final class GgufRows {
    private static final String HEADS = "num_attention_heads";
    private static final String KEY_HEADS = "num_key_value_heads";

    private GgufRows() {}

    /**
     * The number of the row in a GGUF file by that in Hugging Face's.
     *
     * @param name of the tensor, for errors
     * @param rows how many there are
     * @throws dev.lorikeet.transformer.io.InputException if they are not those of so many heads as {@code config} says
     */
    static IntUnaryOperator of(Lies lies, String name, int rows, JsonObject config) {
        return switch (lies) {
            case SAME, PLUS_ONE, TURNED -> row -> row;
            case HEADS -> paired(size(name, rows, config, HEADS, 2));
            case KEY_HEADS -> paired(size(name, rows, config, config.has(KEY_HEADS) ? KEY_HEADS : HEADS, 2));
            case PARTS -> apart(size(name, rows, config, HEADS, 3) / 3, rows / 3);
        };
    }

    /** The number of rows of one head. */
    private static int size(String name, int rows, JsonObject config, String field, int multipleOf) {
        int heads = config.integer(field);
        if (heads < 1 || rows % (multipleOf * heads) != 0) {
            throw config.error(field, rows + " rows of " + name + " are not those of " + heads + " heads");
        }
        return rows / heads;
    }

    /** The two halves of a head lie in pairs of rows, one of each. */
    private static IntUnaryOperator paired(int size) {
        return row -> row - row % size + 2 * (row % size % (size / 2)) + row % size / (size / 2);
    }

    /** Queries, keys and values of a head lie with those of the others. */
    private static IntUnaryOperator apart(int size, int part) {
        return row -> row / size % 3 * part + row / (3 * size) * size + row % size;
    }
}
