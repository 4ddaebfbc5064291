package dev.lorikeet.transformer.constraint;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Which tokens may come next, so that the text is of a form in the end. For one thread; what was found out about a
 * place of the form is kept.
 *
 * <pre>{@code
 * Constraint constraint = new Constraint(TextForm.regex("yes|no"), bytes);
 * for (int state = constraint.start(); !constraint.mustEnd(state); state = constraint.next(state, token)) {
 *     token = ...; // one of constraint.allowed(state), or the end if constraint.mayEnd(state)
 * }
 * }</pre>
 */
public final class Constraint {
    private final Automaton automaton;
    private final TokenBytes vocabulary;
    private final Map<Integer, BitSet> allowed = new HashMap<>();

    /** @throws dev.lorikeet.transformer.io.InputException if the form is too large */
    public Constraint(TextForm form, TokenBytes vocabulary) {
        this.automaton = form.automaton();
        this.vocabulary = vocabulary;
    }

    /** Before the first token. */
    public int start() {
        return automaton.start();
    }

    /** The tokens that may come; not to be changed. */
    public BitSet allowed(int state) {
        return allowed.computeIfAbsent(state, s -> {
            BitSet tokens = new BitSet(vocabulary.tokens());
            collect(vocabulary.root(), s, tokens);
            return tokens;
        });
    }

    private void collect(TokenBytes.Tree tree, int state, BitSet tokens) {
        for (int token : tree.tokens()) {
            tokens.set(token);
        }
        for (int way = 0; way < tree.ways(); way++) {
            int next = automaton.next(state, tree.byteOf(way));
            if (next != Automaton.DEAD) {
                collect(tree.below(way), next, tokens);
            }
        }
    }

    /** Whether the text may end here. */
    public boolean mayEnd(int state) {
        return automaton.ends(state);
    }

    /** Whether nothing may come but the end, also where the vocabulary has nothing that could. */
    public boolean mustEnd(int state) {
        return allowed(state).isEmpty();
    }

    /**
     * Behind a token.
     *
     * @throws IllegalArgumentException if it is none of {@link #allowed}
     */
    public int next(int state, int token) {
        if (!allowed(state).get(token)) {
            throw new IllegalArgumentException("constraint: token " + token + " may not come here");
        }
        int next = state;
        for (byte b : vocabulary.of(token)) {
            next = automaton.next(next, b & 0xFF);
        }
        return next;
    }
}
