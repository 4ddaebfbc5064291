package dev.lorikeet.transformer.jinja;

import java.util.List;

/** Does something, and says how it goes on. */
@FunctionalInterface
interface Statement {
    Flow run(Frame frame);

    /** How it goes on behind a statement. */
    enum Flow {
        NEXT,
        CONTINUE,
        BREAK
    }

    /** One after the other. */
    static Statement all(List<Statement> statements) {
        if (statements.size() == 1) {
            return statements.getFirst();
        }
        return frame -> {
            for (Statement statement : statements) {
                Flow flow = statement.run(frame);
                if (flow != Flow.NEXT) {
                    return flow;
                }
            }
            return Flow.NEXT;
        };
    }
}
