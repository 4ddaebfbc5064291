package dev.lorikeet.transformer.data;

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
    private @Nullable Pattern between;
    private int columns;

    /**
     * @param universal whether it is CoNLL-U
     * @param tokenColumn from 1
     * @param tagColumn from 1, {@link #LAST} or {@link #NONE}
     */
    ConllReader(TextInput input, boolean universal, int tokenColumn, int tagColumn) {
        this.input = input;
        this.universal = universal;
        this.tokenColumn = tokenColumn;
        this.tagColumn = tagColumn;
    }

    /** The next sentence, or null after the last one. */
    @Nullable
    TaggedSentence next() {
        TaggedSentence sentence = new TaggedSentence(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        int before = 0;
        while (input.startRecord() && (sentence.isEmpty() || input.recordLine() == before + 1)) {
            before = input.recordLine();
            String line = input.restOfLine();
            if (!line.trim().isEmpty() && !line.startsWith(DOCUMENT)) {
                read(line, sentence);
            } else if (!sentence.isEmpty()) {
                break;
            }
        }
        return sentence.isEmpty() ? null : sentence;
    }

    private void read(String line, TaggedSentence sentence) {
        if (sentence.isEmpty() && line.startsWith(universal ? "#" : "# ")
                && (between == null || universal || fields(line, between).size() != columns)) {
            return;
        }
        Pattern separator = between;
        if (separator == null) {
            separator = universal || line.indexOf('\t') >= 0 ? TAB : SPACES;
            between = separator;
            columns = fields(line, separator).size();
            requireColumns();
        }
        List<String> fields = fields(line, separator);
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
