package dev.lorikeet.transformer.jinja;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.jinja.Token.Kind;
import java.util.List;
import java.util.function.Supplier;

/** The tokens of a template, read from first to last. */
final class Tokens {
    private static final int MOST_LEVELS = 40;

    private final List<Token> tokens;
    private final Origin origin;
    private int at;
    private int levels;

    Tokens(List<Token> tokens, Origin origin) {
        this.tokens = tokens;
        this.origin = origin;
    }

    /** The one that comes. */
    Token peek() {
        return tokens.get(at);
    }

    /** The one behind it. */
    Token second() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        return tokens.get(at == tokens.size() - 1 ? at : at++);
    }

    boolean skipName(String name) {
        return skip(peek().isName(name));
    }

    boolean skipOperator(String operator) {
        return skip(peek().isOperator(operator));
    }

    private boolean skip(boolean that) {
        at += that ? 1 : 0;
        return that;
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw error("\"" + operator + "\" is expected, not " + peek().shown());
        }
    }

    Token expect(Kind kind, String what) {
        if (peek().kind() != kind) {
            throw error(what + " is expected, not " + peek().shown());
        }
        return next();
    }

    /** For the token that comes. */
    InputException error(String rule) {
        return error(peek(), rule);
    }

    InputException error(Token token, String rule) {
        return origin.error(token.line(), rule);
    }

    /** Reads what stands in something else. */
    <T> T nested(Supplier<T> part) {
        if (++levels > MOST_LEVELS) {
            throw error("more than " + MOST_LEVELS + " levels stand in each other");
        }
        T parsed = part.get();
        levels--;
        return parsed;
    }
}
