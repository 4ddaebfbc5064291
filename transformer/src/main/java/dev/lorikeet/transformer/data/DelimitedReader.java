package dev.lorikeet.transformer.data;

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

    /** @param quoted whether a field may stand in double quotes */
    DelimitedReader(TextInput input, char separator, boolean quoted) {
        this.input = input;
        this.separator = separator;
        this.quoted = quoted;
    }

    /** The fields of the next record, or null after the last one. */
    @Nullable
    List<String> next() {
        if (!input.startRecord()) {
            return null;
        }
        List<String> fields = new ArrayList<>();
        fields.add(field());
        while (!input.atLineEnd()) {
            input.next(); // the separator
            fields.add(field());
        }
        input.skipLineEnd();
        return fields;
    }

    private String field() {
        if (quoted && input.peek() == '"') {
            return quotedField();
        }
        StringBuilder field = new StringBuilder();
        while (!atFieldEnd()) {
            if (quoted && input.peek() == '"') {
                throw input.error(input.line(), "a quote inside a field that does not begin with one; write the field "
                        + "in quotes, and each quote in it twice");
            }
            field.append((char) input.next());
        }
        return field.toString();
    }

    private String quotedField() {
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
                    throw input.error(input.line(), "text after a closing quote; each quote inside a field is written "
                            + "twice" + hint(after));
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
