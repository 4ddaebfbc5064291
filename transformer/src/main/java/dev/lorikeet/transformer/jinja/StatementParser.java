package dev.lorikeet.transformer.jinja;

import dev.lorikeet.transformer.jinja.Statement.Flow;
import dev.lorikeet.transformer.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The statements of a template: text, output, {@code if}, {@code for} with {@code break} and {@code continue},
 * {@code set}, {@code macro}, and transformers' {@code generation}.
 */
final class StatementParser {
    private static final Set<String> UNSUPPORTED = Set.of("autoescape", "block", "call", "do", "extends", "filter",
            "from", "import", "include", "trans", "with");

    private final Tokens tokens;
    private final ExpressionParser expressions;
    private int loops;

    StatementParser(Tokens tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    Statement template() {
        Statement all = statements(Set.of());
        if (tokens.peek().kind() != Kind.END) {
            throw tokens.error("nothing is open for " + tokens.peek().shown());
        }
        return all;
    }

    /** Those before one of the names of {@code ends}, which comes next, or before the end of the template. */
    private Statement statements(Set<String> ends) {
        List<Statement> all = new ArrayList<>();
        while (true) {
            Token token = tokens.next();
            switch (token.kind()) {
                case TEXT -> all.add(frame -> {
                    frame.run().at(token.line());
                    frame.run().write(token.text());
                    return Flow.NEXT;
                });
                case OUTPUT_BEGIN -> {
                    Expression value = expressions.tuple();
                    tokens.expect(Kind.OUTPUT_END, "\"}}\"");
                    all.add(frame -> {
                        Object shown = value.value(frame);
                        frame.run().at(token.line());
                        frame.run().write(PythonText.of(frame.run(), shown));
                        return Flow.NEXT;
                    });
                }
                case BLOCK_BEGIN -> {
                    Token name = tokens.peek();
                    if (name.kind() == Kind.NAME && ends.contains(name.text())) {
                        return Statement.all(all);
                    }
                    all.add(tokens.nested(this::block));
                }
                default -> {
                    if (!ends.isEmpty()) {
                        throw tokens.error(token, ends.stream().filter(end -> end.startsWith("end")).findFirst()
                                .orElseThrow() + " is missing");
                    }
                    return Statement.all(all);
                }
            }
        }
    }

    private void endOfBlock() {
        tokens.expect(Kind.BLOCK_END, "\"%}\"");
    }

    /** The statements inside a block, up to its end, which is read. */
    private Statement body(String end) {
        endOfBlock();
        Statement body = statements(Set.of(end));
        tokens.next();
        endOfBlock();
        return body;
    }

    private Statement block() {
        Token token = tokens.expect(Kind.NAME, "the name of a statement");
        return switch (token.text()) {
            case "if" -> condition();
            case "for" -> loop();
            case "set" -> set();
            case "macro" -> macro();
            case "generation" -> {
                Statement body = body("endgeneration");
                yield frame -> {
                    frame.run().at(token.line());
                    frame.run().marked(() -> body.run(frame.inner()));
                    return Flow.NEXT;
                };
            }
            case "break", "continue" -> {
                if (loops == 0) {
                    throw tokens.error(token, token.text() + " stands in no loop");
                }
                endOfBlock();
                Flow flow = token.text().equals("break") ? Flow.BREAK : Flow.CONTINUE;
                yield frame -> flow;
            }
            default -> throw tokens.error(token, "\"" + token.text() + "\" " + (UNSUPPORTED.contains(token.text())
                    ? "is not supported"
                    : "is no statement, or ends nothing that is open"));
        };
    }

    private record Branch(Expression condition, Statement body) {}

    private Statement condition() {
        List<Branch> branches = new ArrayList<>();
        Statement otherwise = _ -> Flow.NEXT;
        String at = "if";
        while (!at.equals("endif")) {
            if (at.equals("else")) {
                otherwise = body("endif");
                break;
            }
            Expression condition = expressions.tuple();
            endOfBlock();
            branches.add(new Branch(condition, statements(Set.of("elif", "else", "endif"))));
            at = tokens.next().text();
            if (at.equals("endif")) {
                endOfBlock();
            }
        }
        Statement last = otherwise;
        return frame -> {
            for (Branch branch : branches) {
                if (Values.isTrue(branch.condition.value(frame))) {
                    return branch.body.run(frame);
                }
            }
            return last.run(frame);
        };
    }

    /** What a value is given to: a name, or several in a tuple. */
    private BiConsumer<Frame, Object> target() {
        boolean brackets = tokens.skipOperator("(");
        List<String> names = new ArrayList<>();
        boolean several = false;
        do {
            names.add(tokens.expect(Kind.NAME, "a name").text());
            several |= tokens.peek().isOperator(",");
        } while (tokens.skipOperator(",") && tokens.peek().kind() == Kind.NAME && !tokens.peek().isName("in"));
        if (brackets) {
            tokens.expectOperator(")");
        }
        if (!several) {
            return (frame, value) -> frame.set(names.getFirst(), value);
        }
        return (frame, value) -> {
            List<Object> items = Values.items(frame.run(), value);
            if (items.size() != names.size()) {
                throw frame.run().error(items.size() + " values for " + names.size() + " names");
            }
            for (int i = 0; i < names.size(); i++) {
                frame.set(names.get(i), items.get(i));
            }
        };
    }

    private Statement loop() {
        int line = tokens.peek().line();
        BiConsumer<Frame, Object> target = target();
        if (!tokens.skipName("in")) {
            throw tokens.error("\"in\" is expected, not " + tokens.peek().shown());
        }
        Expression over = expressions.or();
        @Nullable
        Expression filter = tokens.skipName("if") ? expressions.expression() : null;
        if (tokens.peek().isName("recursive")) {
            throw tokens.error("\"recursive\" is not supported");
        }
        endOfBlock();
        loops++;
        Statement body = statements(Set.of("else", "endfor"));
        loops--;
        Statement otherwise = _ -> Flow.NEXT;
        if (tokens.next().text().equals("else")) {
            otherwise = body("endfor");
        } else {
            endOfBlock();
        }
        return new For(line, target, over, filter, body, otherwise);
    }

    private Statement set() {
        Token token = tokens.peek();
        if (tokens.second().isOperator(".")) {
            String namespace = tokens.expect(Kind.NAME, "a name").text();
            tokens.next();
            String field = tokens.expect(Kind.NAME, "a name").text();
            tokens.expectOperator("=");
            Expression value = expressions.tuple();
            endOfBlock();
            return frame -> {
                Object set = value.value(frame);
                frame.run().at(token.line());
                if (!(frame.get(namespace) instanceof Namespace space)) {
                    throw frame.run().error("set " + namespace + "." + field + ": only a namespace can be changed, not "
                            + Values.type(frame.get(namespace)));
                }
                Globals.requireField(frame.run(), field);
                space.set(field, set);
                return Flow.NEXT;
            };
        }
        BiConsumer<Frame, Object> target = target();
        if (tokens.skipOperator("=")) {
            Expression value = expressions.tuple();
            endOfBlock();
            return frame -> {
                Object set = value.value(frame);
                frame.run().at(token.line());
                target.accept(frame, set);
                return Flow.NEXT;
            };
        }
        Statement body = inner("endset");
        return frame -> {
            frame.run().at(token.line());
            target.accept(frame, frame.run().captured(() -> body.run(frame.inner())));
            return Flow.NEXT;
        };
    }

    /** A body out of which no loop around it can be left. */
    private Statement inner(String end) {
        int around = loops;
        loops = 0;
        Statement body = body(end);
        loops = around;
        return body;
    }

    private Statement macro() {
        String name = tokens.expect(Kind.NAME, "the name of a macro").text();
        Map<String, Expression> parameters = new LinkedHashMap<>();
        tokens.expectOperator("(");
        while (!tokens.skipOperator(")")) {
            String parameter = tokens.expect(Kind.NAME, "the name of a parameter").text();
            Expression whenAbsent = _ -> new Undefined("\"" + parameter + "\"");
            parameters.put(parameter, tokens.skipOperator("=") ? expressions.expression() : whenAbsent);
            if (!tokens.peek().isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        Statement body = inner("endmacro");
        String[] names = parameters.keySet().toArray(String[]::new);
        return frame -> {
            frame.set(name, (Callable) (run, given) -> {
                Arguments.Bound arguments = new Arguments(name, given.inOrder(), given.named()).bound(run, names);
                Frame inside = frame.inner();
                parameters.forEach((parameter, whenAbsent) -> inside.set(parameter,
                        arguments.has(parameter) ? arguments.value(parameter) : whenAbsent.value(inside)));
                return run.called(() -> body.run(inside));
            });
            return Flow.NEXT;
        };
    }
}
