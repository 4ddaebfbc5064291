package dev.lorikeet.transformer.jinja;

import dev.lorikeet.transformer.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What stands behind a value: fields, items, calls, filters and tests. */
final class Suffixes {
    /** Names that begin no argument of a test without brackets. */
    private static final Set<String> NO_ARGUMENT = Set.of("else", "or", "and", "not", "is", "if", "in");
    private static final Expression NOTHING = _ -> None.NONE;

    private final Tokens tokens;
    private final ExpressionParser parser;

    /** What is made of a value. */
    @FunctionalInterface
    interface Suffix {
        Object of(Frame frame, Object value);
    }

    Suffixes(Tokens tokens, ExpressionParser parser) {
        this.tokens = tokens;
        this.parser = parser;
    }

    /** All that stand here one behind the other. */
    List<Suffix> read(boolean withFilters) {
        List<Suffix> suffixes = new ArrayList<>();
        while (true) {
            int line = tokens.peek().line();
            if (tokens.skipOperator(".")) {
                suffixes.add(field(line));
            } else if (tokens.skipOperator("[")) {
                suffixes.add(tokens.nested(() -> item(line)));
            } else if (tokens.peek().isOperator("(")) {
                suffixes.add(call(line));
            } else if (withFilters && tokens.skipOperator("|")) {
                suffixes.add(filter(line));
            } else if (withFilters && tokens.skipName("is")) {
                suffixes.add(test(line));
            } else {
                return suffixes;
            }
        }
    }

    private Suffix field(int line) {
        Token token = tokens.next();
        if (token.kind() == Kind.INTEGER) {
            Object index = parser.number(token);
            return (frame, value) -> {
                frame.run().at(line);
                return Operators.item(frame.run(), value, index);
            };
        }
        if (token.kind() != Kind.NAME) {
            throw tokens.error(token, "a name is expected behind a point, not " + token.shown());
        }
        return (frame, value) -> {
            frame.run().at(line);
            return Attributes.of(frame.run(), value, token.text());
        };
    }

    private Suffix item(int line) {
        List<Expression> bounds = new ArrayList<>();
        boolean slice = false;
        while (true) {
            boolean given = !tokens.peek().isOperator(":") && !tokens.peek().isOperator("]");
            bounds.add(given ? parser.expression() : NOTHING);
            if (!tokens.skipOperator(":")) {
                break;
            }
            slice = true;
        }
        if (bounds.size() > 3 || !slice && bounds.getFirst() == NOTHING) {
            throw tokens.error("an item or a slice is expected in square brackets");
        }
        tokens.expectOperator("]");
        if (!slice) {
            return (frame, value) -> {
                Object index = bounds.getFirst().value(frame);
                frame.run().at(line);
                return Operators.item(frame.run(), value, index);
            };
        }
        return (frame, value) -> {
            Object[] ends = {None.NONE, None.NONE, None.NONE};
            for (int i = 0; i < bounds.size(); i++) {
                ends[i] = bounds.get(i).value(frame);
            }
            frame.run().at(line);
            return Operators.slice(frame.run(), value, ends[0], ends[1], ends[2]);
        };
    }

    /** Expressions that become arguments. */
    private record Given(String of, List<Expression> inOrder, Map<String, Expression> named) {
        Arguments arguments(Frame frame) {
            List<Object> values = new ArrayList<>(inOrder.size());
            for (Expression value : inOrder) {
                values.add(value.value(frame));
            }
            Map<String, Object> byName = new LinkedHashMap<>();
            named.forEach((name, value) -> byName.put(name, value.value(frame)));
            return new Arguments(of, values, byName);
        }
    }

    private Given given(String of) {
        List<Expression> inOrder = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        if (tokens.skipOperator("(")) {
            while (!tokens.skipOperator(")")) {
                if (tokens.peek().isOperator("*") || tokens.peek().isOperator("**")) {
                    throw tokens.error(of + ": arguments by * and ** are not supported");
                }
                if (tokens.peek().kind() == Kind.NAME && tokens.second().isOperator("=")) {
                    String name = tokens.next().text();
                    tokens.expectOperator("=");
                    if (named.put(name, parser.expression()) != null) {
                        throw tokens.error(of + ": \"" + name + "\" is given twice");
                    }
                } else if (named.isEmpty()) {
                    inOrder.add(parser.expression());
                } else {
                    throw tokens.error(of + ": an argument without a name stands behind one with a name");
                }
                if (!tokens.peek().isOperator(")")) {
                    tokens.expectOperator(",");
                }
            }
        }
        return new Given(of, inOrder, named);
    }

    private Suffix call(int line) {
        Given given = tokens.nested(() -> given("a call"));
        return (frame, value) -> {
            Arguments arguments = given.arguments(frame);
            frame.run().at(line);
            if (value instanceof Callable callable) {
                return callable.call(frame.run(), arguments);
            }
            throw frame.run().error(Values.type(value) + " cannot be called");
        };
    }

    private String name(String what) {
        return tokens.expect(Kind.NAME, "the name of a " + what).text();
    }

    private Suffix filter(int line) {
        String name = name("filter");
        Filters.Filter filter = Filters.of(name);
        if (filter == null) {
            throw tokens.error("the filter \"" + name + "\" is not supported");
        }
        Given given = tokens.nested(() -> given(name));
        return (frame, value) -> {
            Arguments arguments = given.arguments(frame);
            frame.run().at(line);
            return filter.apply(frame.run(), value, arguments);
        };
    }

    private Suffix test(int line) {
        boolean not = tokens.skipName("not");
        String name = name("test");
        Tests.Test test = Tests.of(name);
        if (test == null) {
            throw tokens.error("the test \"" + name + "\" is not supported");
        }
        Given given = startsArgument() ? tokens.nested(() -> new Given(name, List.of(parser.signless()), Map.of()))
                : tokens.nested(() -> given(name));
        return (frame, value) -> {
            Arguments arguments = given.arguments(frame);
            frame.run().at(line);
            return test.holds(frame.run(), value, arguments) != not;
        };
    }

    /** Whether an argument stands here without brackets. */
    private boolean startsArgument() {
        Token token = tokens.peek();
        return switch (token.kind()) {
            case STRING, INTEGER, FLOAT -> true;
            case NAME -> !NO_ARGUMENT.contains(token.text());
            case OPERATOR -> token.isOperator("[") || token.isOperator("{");
            case TEXT, OUTPUT_BEGIN, OUTPUT_END, BLOCK_BEGIN, BLOCK_END, END -> false;
        };
    }
}
