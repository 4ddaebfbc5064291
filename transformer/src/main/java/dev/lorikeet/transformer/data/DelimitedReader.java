package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records of a text with delimited fields: CSV as RFC 4180 has it, and TSV, in which quotes are letters like any other.
 *
 * <p>Stricter than most readers: a quote inside an unquoted field, text after a closing quote and a quote that is never
 * closed are refused, since each means that fields were cut in the wrong place. Empty lines are skipped.
 */
final class DelimitedReader {
    private final TextInput input;
    private final char separator;
    private final boolean quoted;
    private final Faults faults;

    /** Hears of a record that was cut in the wrong place; the rest of its line is left out, too, unless this throws. */
    @FunctionalInterface
    interface Faults {
        void add(int line, InputException fault);
    }

    /** @param quoted whether a field may stand in double quotes */
    DelimitedReader(TextInput input, char separator, boolean quoted, Faults faults) {
        this.input = input;
        this.separator = separator;
        this.quoted = quoted;
        this.faults = faults;
    }

    /** The fields of the next record, or null after the last one. */
    @Nullable
    List<String> next() {
        while (input.startRecord()) {
            List<String> fields = record();
            input.skipLineEnd();
            if (fields != null) {
                return fields;
            }
        }
        return null;
    }

    private @Nullable List<String> record() {
        List<String> fields = new ArrayList<>();
        while (true) {
            String field = field();
            if (field == null) {
                input.restOfLine();
                return null;
            }
            fields.add(field);
            if (input.atLineEnd()) {
                return fields;
            }
            input.next(); // the separator
        }
    }

    private @Nullable String refused(String rule) {
        faults.add(input.recordLine(), input.error(input.line(), rule));
        return null;
    }

    private @Nullable String field() {
        if (quoted && input.peek() == '"') {
            return quotedField();
        }
        StringBuilder field = new StringBuilder();
        while (!atFieldEnd()) {
            if (quoted && input.peek() == '"') {
                return refused("a quote inside a field that does not begin with one; write the field in quotes, and "
                        + "each quote in it twice");
            }
            field.append((char) input.next());
        }
        return field.toString();
    }

    private @Nullable String quotedField() {
        int openedAt = input.line();
        StringBuilder field = new StringBuilder();
        input.next();
        for (int c = input.next(); c != TextInput.END; c = input.next()) {
            if (c == '"') {
                if (atFieldEnd()) {
                    return field.toString();
                }
                int after = input.next();
                if (after != '"') {
                    return refused("text after a closing quote; each quote inside a field is written twice"
                            + hint(after));
                }
            }
            field.append((char) c);
        }
        throw input.error(openedAt, "a quote is opened here and never closed");
    }

    /** What to do where fields are between such characters; nothing where they never are. */
    static String hint(int other) {
        return other == ';' || other == ',' || other == '|' || other == '\t'
                ? "; for fields between others say --delimiter '" + (other == '\t' ? "\\t" : Character.toString(other))
                        + "'"
                : "";
    }

    private boolean atFieldEnd() {
        return input.peek() == separator || input.atLineEnd();
    }
}
