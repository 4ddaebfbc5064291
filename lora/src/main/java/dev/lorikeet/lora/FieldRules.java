package dev.lorikeet.lora;

import dev.lorikeet.transformer.io.InputException;
import java.util.HashSet;
import java.util.List;
import java.util.function.Consumer;

/** What the fields of a {@link LoraConfig} have to keep to. */
final class FieldRules {
    private FieldRules() {}

    static void requireRank(String field, int rank, Initialization initialization) {
        require(rank >= 1, field, "must be at least 1, not " + rank);
        require(rank % 2 == 0 || initialization != Initialization.ORTHOGONAL, field,
                "must be even for the orthogonal initialization, not " + rank);
    }

    static void requireAlpha(String field, double alpha) {
        require(alpha > 0 && alpha <= Float.MAX_VALUE, field, "must be a positive number, not " + alpha);
    }

    /** Refuses what {@code read} does not take, with the field's name. */
    static void requireExpression(String field, String regex, Consumer<String> read) {
        try {
            read.accept(regex);
        } catch (InputException e) {
            throw new InputException(field + ": " + e.getMessage());
        }
    }

    static void require(boolean holds, String field, String rule) {
        if (!holds) {
            throw new InputException(field + ": " + rule);
        }
    }

    static boolean isSet(List<Integer> indices) {
        return new HashSet<>(indices).size() == indices.size();
    }

    /** Whether A and B are drawn each by itself, so that they may be more or fewer than one pair. */
    static boolean isUsual(Initialization initialization) {
        return initialization == Initialization.KAIMING || initialization == Initialization.NONE;
    }
}
