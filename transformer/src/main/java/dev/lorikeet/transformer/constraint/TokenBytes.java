package dev.lorikeet.transformer.constraint;

import dev.lorikeet.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A vocabulary as a tree of bytes: what each token adds to a text. Immutable; made once for a tokenizer. */
public final class TokenBytes {
    private final Tree root = new Tree();
    private final List<byte[]> bytes = new ArrayList<>();

    /** A place in the tree: the bytes that lead on, and the tokens that end here. */
    static final class Tree {
        private byte[] next = new byte[0];
        private Tree[] below = new Tree[0];
        private int[] tokens = new int[0];

        private Tree add(byte b) {
            for (int i = 0; i < next.length; i++) {
                if (next[i] == b) {
                    return below[i];
                }
            }
            next = Arrays.copyOf(next, next.length + 1);
            below = Arrays.copyOf(below, below.length + 1);
            next[next.length - 1] = b;
            Tree added = new Tree();
            below[below.length - 1] = added;
            return added;
        }

        int ways() {
            return next.length;
        }

        int byteOf(int way) {
            return next[way] & 0xFF;
        }

        Tree below(int way) {
            return below[way];
        }

        int[] tokens() {
            return tokens;
        }
    }

    /** Of all tokens but special ones, and those that add nothing. */
    public TokenBytes(Tokenizer tokenizer) {
        int size = tokenizer.vocabularySize(); // which is counted anew each time
        for (int id = 0; id < size; id++) {
            byte[] own = tokenizer.isSpecial(id) ? new byte[0] : tokenizer.bytes(id);
            bytes.add(own);
            if (own.length > 0) {
                Tree at = root;
                for (byte b : own) {
                    at = at.add(b);
                }
                at.tokens = Arrays.copyOf(at.tokens, at.tokens.length + 1);
                at.tokens[at.tokens.length - 1] = id;
            }
        }
    }

    Tree root() {
        return root;
    }

    /** The bytes of a token; none of one that the tree has not. */
    byte[] of(int token) {
        return token < bytes.size() ? bytes.get(token) : new byte[0];
    }

    /** One more than the largest token. */
    int tokens() {
        return bytes.size();
    }
}
