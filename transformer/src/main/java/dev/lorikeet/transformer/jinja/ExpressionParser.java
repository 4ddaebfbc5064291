package dev.lorikeet.transformer.jinja;

import dev.lorikeet.transformer.jinja.Suffixes.Suffix;
import dev.lorikeet.transformer.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The expressions of a template, by Jinja's grammar, from what binds least to what binds most: {@code a if b else c},
 * {@code or}, {@code and}, {@code not}, comparisons, {@code + -}, {@code ~}, {@code * / // %}, {@code **}, signs, then
 * what stands behind a value. What is chained becomes one function with a loop, so that only brackets deepen the stack.
 */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final int MOST_DIGITS = 18;

    private final Tokens tokens;
    private final Suffixes suffixes;

    ExpressionParser(Tokens tokens) {
        this.tokens = tokens;
        this.suffixes = new Suffixes(tokens, this);
    }

    /** One expression, or a tuple of several with commas between. */
    Expression tuple() {
        Expression first = expression();
        if (!tokens.peek().isOperator(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (tokens.skipOperator(",") && startsExpression()) {
            items.add(expression());
        }
        return frame -> new Tuple(values(frame, items));
    }

    private boolean startsExpression() {
        return switch (tokens.peek().kind()) {
            case NAME, STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> "([{+-".contains(tokens.peek().text());
            case TEXT, OUTPUT_BEGIN, OUTPUT_END, BLOCK_BEGIN, BLOCK_END, END -> false;
        };
    }

    private static List<Object> values(Frame frame, List<Expression> items) {
        List<Object> values = new ArrayList<>(items.size());
        for (Expression item : items) {
            values.add(item.value(frame));
        }
        return values;
    }

    Expression expression() {
        return tokens.nested(() -> {
            Expression value = or();
            while (tokens.peek().isName("if")) {
                int line = tokens.next().line();
                Expression then = value;
                Expression condition = or();
                @Nullable
                Expression otherwise = tokens.skipName("else") ? expression() : null;
                value = frame -> {
                    frame.run().at(line);
                    return Values.isTrue(condition.value(frame)) ? then.value(frame)
                            : otherwise == null ? new Undefined("what stands for nothing where an \"if\" has no else")
                                    : otherwise.value(frame);
                };
            }
            return value;
        });
    }

    /** Without {@code if}. */
    Expression or() {
        return either("or", true, this::and);
    }

    private Expression and() {
        return either("and", false, this::not);
    }

    /** The first operand that is as {@code decides}, else the last. */
    private Expression either(String operator, boolean decides, Supplier<Expression> operand) {
        Expression first = operand.get();
        if (!tokens.peek().isName(operator)) {
            return first;
        }
        List<Expression> operands = new ArrayList<>(List.of(first));
        while (tokens.skipName(operator)) {
            operands.add(operand.get());
        }
        return frame -> {
            Object value = None.NONE;
            for (Expression one : operands) {
                value = one.value(frame);
                if (Values.isTrue(value) == decides) {
                    return value;
                }
            }
            return value;
        };
    }

    private Expression not() {
        if (!tokens.skipName("not")) {
            return comparison();
        }
        Expression value = tokens.nested(this::not);
        return frame -> !Values.isTrue(value.value(frame));
    }

    private record Operand(String operator, Expression value, int line) {}

    private Expression comparison() {
        Expression first = sum();
        List<Operand> others = new ArrayList<>();
        while (true) {
            Token token = tokens.peek();
            if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text()) || token.isName("in")) {
                tokens.next();
                others.add(new Operand(token.text(), sum(), token.line()));
            } else if (token.isName("not") && tokens.second().isName("in")) {
                tokens.next();
                tokens.next();
                others.add(new Operand("not in", sum(), token.line()));
            } else {
                break;
            }
        }
        return others.isEmpty() ? first : frame -> {
            Object left = first.value(frame);
            for (Operand other : others) {
                Object right = other.value.value(frame);
                frame.run().at(other.line);
                if (!holds(frame.run(), other.operator, left, right)) {
                    return false;
                }
                left = right;
            }
            return true;
        };
    }

    private static boolean holds(Run run, String operator, Object left, Object right) {
        return switch (operator) {
            case "==" -> Values.equal(run, left, right);
            case "!=" -> !Values.equal(run, left, right);
            case "in" -> Values.contains(run, right, left);
            case "not in" -> !Values.contains(run, right, left);
            case "<" -> Values.compare(run, left, right) < 0;
            case "<=" -> Values.compare(run, left, right) <= 0;
            case ">" -> Values.compare(run, left, right) > 0;
            default -> Values.compare(run, left, right) >= 0;
        };
    }

    private Expression sum() {
        return chain(Set.of("+", "-"), this::concatenation);
    }

    private Expression concatenation() {
        return chain(Set.of("~"), this::product);
    }

    private Expression product() {
        return chain(Set.of("*", "/", "//", "%"), this::power);
    }

    private Expression power() {
        return chain(Set.of("**"), () -> unary(true));
    }

    private Expression chain(Set<String> operators, Supplier<Expression> operand) {
        Expression first = operand.get();
        List<Operand> others = new ArrayList<>();
        while (tokens.peek().kind() == Kind.OPERATOR && operators.contains(tokens.peek().text())) {
            Token operator = tokens.next();
            others.add(new Operand(operator.text(), operand.get(), operator.line()));
        }
        return others.isEmpty() ? first : frame -> {
            Run run = frame.run();
            Object value = first.value(frame);
            for (Operand other : others) {
                Object right = other.value.value(frame);
                run.at(other.line);
                value = other.operator.equals("~")
                        ? run.made(PythonText.of(run, value)) + run.made(PythonText.of(run, right))
                        : Operators.apply(run, other.operator, value, right);
            }
            return value;
        };
    }

    private Expression unary(boolean withFilters) {
        Expression value;
        int line = tokens.peek().line();
        if (tokens.skipOperator("-")) {
            Expression positive = tokens.nested(() -> unary(false));
            value = frame -> Operators.negative(frame.run(), positive.value(frame));
        } else if (tokens.skipOperator("+")) {
            Expression same = tokens.nested(() -> unary(false));
            value = frame -> Operators.apply(frame.run(), "+", 0L, same.value(frame));
        } else {
            value = primary(line);
        }
        return followed(value, withFilters);
    }

    /** A value without a sign and without filters. */
    Expression signless() {
        return followed(primary(tokens.peek().line()), false);
    }

    private Expression primary(int line) {
        Token token = tokens.next();
        switch (token.kind()) {
            case NAME -> {
                Object constant = switch (token.text()) {
                    case "true", "True" -> true;
                    case "false", "False" -> false;
                    case "none", "None" -> None.NONE;
                    default -> null;
                };
                return constant != null ? frame -> constant : frame -> {
                    frame.run().at(line);
                    return frame.get(token.text());
                };
            }
            case STRING -> {
                StringBuilder text = new StringBuilder(token.text());
                while (tokens.peek().kind() == Kind.STRING) {
                    text.append(tokens.next().text());
                }
                String whole = text.toString();
                return frame -> whole;
            }
            case INTEGER, FLOAT -> {
                Object number = number(token);
                return frame -> number;
            }
            case OPERATOR -> {
                switch (token.text()) {
                    case "(" -> {
                        if (tokens.skipOperator(")")) {
                            return frame -> new Tuple(List.of());
                        }
                        Expression value = tuple();
                        tokens.expectOperator(")");
                        return value;
                    }
                    case "[" -> {
                        List<Expression> items = new ArrayList<>();
                        while (!tokens.skipOperator("]")) {
                            items.add(expression());
                            if (!tokens.peek().isOperator("]")) {
                                tokens.expectOperator(",");
                            }
                        }
                        return frame -> {
                            frame.run().work(items.size());
                            return values(frame, items);
                        };
                    }
                    case "{" -> {
                        return mapping();
                    }
                    default -> {
                    }
                }
            }
            case TEXT, OUTPUT_BEGIN, OUTPUT_END, BLOCK_BEGIN, BLOCK_END, END -> {
            }
        }
        throw tokens.error(token, "a value is expected, not " + token.shown());
    }

    Object number(Token token) {
        if (token.kind() == Kind.FLOAT) {
            return Double.parseDouble(token.text());
        }
        if (token.text().length() > MOST_DIGITS) {
            throw tokens.error(token, "the whole number does not fit 64 bits");
        }
        return Long.parseLong(token.text());
    }

    private Expression mapping() {
        Map<Expression, Expression> fields = new LinkedHashMap<>();
        while (!tokens.skipOperator("}")) {
            Expression name = expression();
            tokens.expectOperator(":");
            fields.put(name, expression());
            if (!tokens.peek().isOperator("}")) {
                tokens.expectOperator(",");
            }
        }
        return frame -> {
            Map<Object, Object> map = new LinkedHashMap<>();
            fields.forEach((name, value) -> map.put(Values.key(frame.run(), name.value(frame)), value.value(frame)));
            return map;
        };
    }

    private Expression followed(Expression first, boolean withFilters) {
        List<Suffix> all = suffixes.read(withFilters);
        return all.isEmpty() ? first : frame -> {
            Object value = first.value(frame);
            for (Suffix suffix : all) {
                value = suffix.of(frame, value);
            }
            return value;
        };
    }
}
