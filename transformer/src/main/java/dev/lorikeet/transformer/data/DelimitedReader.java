package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import java.nio.file.Path;
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
    private final Path file;
    private final String content;
    private final char separator;
    private final boolean quoted;
    private int position;
    private int line = 1;
    private int recordLine = 1;

    /**
     * @param file where the content is from, for the error messages
     * @param quoted whether a field may stand in double quotes
     */
    DelimitedReader(Path file, String content, char separator, boolean quoted) {
        this.file = file;
        this.content = content;
        this.separator = separator;
        this.quoted = quoted;
    }

    /** The line, from 1, where the last record began. */
    int line() {
        return recordLine;
    }

    /** The fields of the next record, or null after the last one. */
    @Nullable
    List<String> next() {
        while (position < content.length() && atLineEnd()) {
            skipLineEnd();
        }
        if (position == content.length()) {
            return null;
        }
        recordLine = line;
        List<String> fields = new ArrayList<>();
        fields.add(field());
        while (position < content.length() && !atLineEnd()) {
            position++; // the separator
            fields.add(field());
        }
        skipLineEnd();
        return fields;
    }

    private String field() {
        if (quoted && position < content.length() && content.charAt(position) == '"') {
            return quotedField();
        }
        int start = position;
        while (position < content.length() && content.charAt(position) != separator && !atLineEnd()) {
            if (quoted && content.charAt(position) == '"') {
                throw error(line,
                        "a quote inside a field that does not begin with one; write the field in quotes, and each quote in it twice");
            }
            position++;
        }
        return content.substring(start, position);
    }

    private String quotedField() {
        int openedAt = line;
        StringBuilder field = new StringBuilder();
        for (position++; position < content.length(); position++) {
            char c = content.charAt(position);
            if (c == '\n') {
                line++;
            } else if (c == '"') {
                position++;
                if (position == content.length() || content.charAt(position) == separator || atLineEnd()) {
                    return field.toString();
                }
                if (content.charAt(position) != '"') {
                    throw error(line, "text after a closing quote; each quote inside a field is written twice");
                }
            }
            field.append(c);
        }
        throw error(openedAt, "a quote is opened here and never closed");
    }

    private boolean atLineEnd() {
        return content.charAt(position) == '\n' || content.startsWith("\r\n", position);
    }

    private void skipLineEnd() {
        if (position < content.length()) {
            position += content.charAt(position) == '\r' ? 2 : 1;
            line++;
        }
    }

    private InputException error(int line, String rule) {
        return new InputException(file, "line " + line, rule);
    }
}
