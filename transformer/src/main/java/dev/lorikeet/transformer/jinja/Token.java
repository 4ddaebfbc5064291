package dev.lorikeet.transformer.jinja;

/**
 * A piece of a template.
 *
 * @param text what stands there; of a {@link Kind#STRING}, what it means
 * @param line from 1
 */
record Token(Kind kind, String text, int line) {
    enum Kind {
        /** What is written as it stands. */
        TEXT,
        /** {@code {{} and {@code }}}. */
        OUTPUT_BEGIN,
        OUTPUT_END,
        /** {@code {%} and {@code %}}. */
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        /** Of the template. */
        END
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }

    /** As messages show it. */
    String shown() {
        return switch (kind) {
            case END -> "the end of the template";
            case TEXT -> "text";
            case OUTPUT_BEGIN, OUTPUT_END, BLOCK_BEGIN, BLOCK_END, NAME, STRING, INTEGER, FLOAT, OPERATOR ->
                "\"" + text + "\"";
        };
    }
}
