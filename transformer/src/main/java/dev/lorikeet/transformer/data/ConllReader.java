package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.data.DelimitedReader.Faults;
import dev.lorikeet.transformer.io.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sentences of a text with a token in each line, as CoNLL's shared tasks have it: columns between tabs or, where the
 * first line has none, between spaces; empty lines and lines of {@code -DOCSTART-} between sentences.
 *
 * <p>A line of {@code "# "} before a sentence is a comment, unless it has as many columns as the others: then it is the
 * token {@code #}. In CoNLL-U all lines there that begin with {@code #} are comments, and lines that are no word by
 * themselves are left out: {@code 1-2} are two words written as one, {@code 1.1} is a word that is not written.
 */
final class ConllReader {
    /** No column of a tag is asked for. */
    static final int NONE = -1;
    /** Its last column, whatever number it has. */
    static final int LAST = 0;

    private static final String DOCUMENT = "-DOCSTART-";
    private static final Pattern SPACES = Pattern.compile("[ \t]+");
    private static final Pattern TAB = Pattern.compile("\t");
    private static final Pattern NO_WORD = Pattern.compile("[0-9]+[-.][0-9]+");

    private final TextInput input;
    private final boolean universal;
    private final int tokenColumn;
    private final int tagColumn;
    private final Faults faults;
    private @Nullable Pattern between;
    private int columns;

    /**
     * @param universal whether it is CoNLL-U
     * @param tokenColumn from 1
     * @param tagColumn from 1, {@link #LAST} or {@link #NONE}
     * @param faults hears of sentences that cannot be read, which are left out, unless it throws
     */
    ConllReader(TextInput input, boolean universal, int tokenColumn, int tagColumn, Faults faults) {
        this.input = input;
        this.universal = universal;
        this.tokenColumn = tokenColumn;
        this.tagColumn = tagColumn;
        this.faults = faults;
    }

    /** The next sentence, or null after the last one. */
    @Nullable
    TaggedSentence next() {
        while (true) {
            TaggedSentence sentence = new TaggedSentence(input.file(), new ArrayList<>(), new ArrayList<>(),
                    new ArrayList<>());
            if (read(sentence)) {
                return sentence.isEmpty() ? null : sentence;
            }
        }
    }

    /** How many columns a line of a token has; 0 where there is none. */
    int columns() {
        next();
        return columns;
    }

    /** Reads a sentence to its end, and says whether it is right. */
    private boolean read(TaggedSentence sentence) {
        @Nullable
        InputException fault = null;
        int faulty = 0;
        int before = 0;
        while (input.startRecord() && (sentence.isEmpty() && fault == null || input.recordLine() == before + 1)) {
            before = input.recordLine();
            String line = input.restOfLine();
            if (line.trim().isEmpty() || line.startsWith(DOCUMENT)) {
                if (!sentence.isEmpty() || fault != null) {
                    break;
                }
            } else if (fault == null && !isComment(line, sentence)) {
                Pattern separator = separator(line);
                try {
                    read(fields(line, separator), sentence);
                } catch (InputException e) {
                    fault = e;
                    faulty = before;
                }
            }
        }
        if (fault != null) {
            faults.add(faulty, fault);
        }
        return fault == null;
    }

    private boolean isComment(String line, TaggedSentence sentence) {
        return sentence.isEmpty() && line.startsWith(universal ? "#" : "# ")
                && (between == null || universal || fields(line, between).size() != columns);
    }

    private Pattern separator(String line) {
        Pattern separator = between;
        if (separator == null) {
            separator = universal || line.indexOf('\t') >= 0 ? TAB : SPACES;
            between = separator;
            columns = fields(line, separator).size();
            requireColumns();
        }
        return separator;
    }

    private void read(List<String> fields, TaggedSentence sentence) {
        if (fields.size() != columns) {
            throw input.error(input.recordLine(), fields.size() + (fields.size() == 1 ? " column" : " columns")
                    + ", the first line of a token has " + columns);
        }
        if (!universal || !NO_WORD.matcher(fields.getFirst()).matches()) {
            sentence.lines().add(input.recordLine());
            sentence.tokens().add(field(fields, tokenColumn, "token"));
            if (tagColumn != NONE) {
                sentence.tags().add(field(fields, tagColumn == LAST ? columns : tagColumn, "tag"));
            }
        }
    }

    private static List<String> fields(String line, Pattern separator) {
        return Arrays.asList(separator.split(separator.equals(TAB) ? line : line.trim(), -1));
    }

    private void requireColumns() {
        int most = Math.max(tokenColumn, tagColumn);
        String there = columns == 1 ? "there is 1 column" : "there are " + columns + " columns";
        if (most > columns) {
            throw input.error(input.recordLine(), there + ", and column " + most + " is asked for");
        }
        if (tokenColumn == (tagColumn == LAST ? columns : tagColumn)) {
            throw input.error(input.recordLine(), there + ", and column " + tokenColumn
                    + " would be both the token and its tag; columns are between tabs or spaces");
        }
    }

    private String field(List<String> fields, int column, String what) {
        String field = fields.get(column - 1).trim(); // an ideographic space alone is a token of some corpora
        if (field.isEmpty()) {
            throw input.error(input.recordLine(), "the " + what + " (column " + column + ") is empty");
        }
        return field;
    }
}
