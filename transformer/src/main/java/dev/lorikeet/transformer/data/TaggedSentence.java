package dev.lorikeet.transformer.data;

import java.util.List;

/**
 * A sentence as a file has it.
 *
 * @param tags of the tokens; empty where nobody asks for them
 * @param lines of the tokens in the file, from 1
 */
record TaggedSentence(List<String> tokens, List<String> tags, List<Integer> lines) {
    boolean isEmpty() {
        return tokens.isEmpty();
    }
}
