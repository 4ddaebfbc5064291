package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import java.nio.file.Path;
import java.util.List;

/**
 * A sentence as a file has it.
 *
 * @param tags of the tokens; empty where nobody asks for them
 * @param lines of the tokens in the file, from 1
 */
record TaggedSentence(Path file, List<String> tokens, List<String> tags, List<Integer> lines) {
    boolean isEmpty() {
        return tokens.isEmpty();
    }

    /** A fault of a token. */
    InputException error(int token, String rule) {
        return new InputException(file, "line " + lines.get(token), rule);
    }
}
