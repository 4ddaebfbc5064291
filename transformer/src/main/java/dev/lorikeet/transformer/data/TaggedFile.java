package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One file of a {@link TaggedText}. */
final class TaggedFile {
    private static final int UNIVERSAL_TOKEN = 2; // FORM
    private static final int UNIVERSAL_TAG = 4; // UPOS

    private final Path file;
    private final String ending;
    private final @Nullable String tokenColumn;
    private final @Nullable String tagColumn;

    TaggedFile(Path file, @Nullable String tokenColumn, @Nullable String tagColumn) {
        this.file = file;
        String plain = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
        this.ending = plain.substring(plain.lastIndexOf('.') + 1);
        this.tokenColumn = tokenColumn;
        this.tagColumn = tagColumn;
        if (ending.equals("csv") || ending.equals("json")) {
            throw new InputException(file, "name", "the ending must be .jsonl, .conllu, or that of a file with a token "
                    + "in each line, such as .conll, .tsv or .txt");
        }
        requireColumn(tokenColumn);
        requireColumn(tagColumn);
    }

    private void requireColumn(@Nullable String column) {
        if (column != null && !isJson() && !TableFormat.isNumber(column)) {
            throw new InputException(file, "column " + Shown.value(column),
                    "where a line is a token, columns are numbers from 1 on");
        }
    }

    String ending() {
        return ending;
    }

    boolean isJson() {
        return ending.equals("jsonl");
    }

    /**
     * Goes through the sentences.
     *
     * @param tagged whether their tags are wanted
     * @param rows hears of sentences that cannot be read
     * @param more of a sentence, true if it is to be given the next
     * @return whether it was true to the end
     */
    boolean sentences(boolean tagged, DataSource.Rows rows, Predicate<TaggedSentence> more) {
        if (isJson()) {
            return json(tagged, rows, more);
        }
        try (TextInput input = new TextInput(file)) {
            ConllReader reader = conll(input, tagged, rows);
            boolean goesOn = true;
            for (TaggedSentence next = reader.next(); next != null && goesOn; next = goesOn ? reader.next() : null) {
                goesOn = more.test(next);
            }
            return goesOn;
        }
    }

    private boolean json(boolean tagged, DataSource.Rows rows, Predicate<TaggedSentence> more) {
        TableFile table = new TableFile(file, TableFormat.STANDARD);
        List<String> columns = new ArrayList<>(List.of(tokenColumn == null ? "tokens" : tokenColumn));
        if (tagged) {
            columns.add(tagColumn == null ? usualTags(table) : tagColumn);
        }
        return table.rows(columns, rows::leaveOut, row -> {
            TaggedSentence sentence;
            try {
                sentence = sentence(row, columns);
            } catch (InputException e) {
                rows.leaveOut(row.line(), e);
                return true;
            }
            return more.test(sentence);
        });
    }

    private ConllReader conll(TextInput input, boolean tagged, DataSource.Rows rows) {
        boolean universal = ending.equals("conllu");
        int token = tokenColumn != null ? Integer.parseInt(tokenColumn) : universal ? UNIVERSAL_TOKEN : 1;
        int tag = tagColumn != null ? Integer.parseInt(tagColumn) : universal ? UNIVERSAL_TAG : ConllReader.LAST;
        return new ConllReader(input, universal, token, tagged ? tag : ConllReader.NONE, rows::leaveOut);
    }

    /** How many columns a line of a token has; 0 in a file without one. */
    int columns() {
        try (TextInput input = new TextInput(file)) {
            return new ConllReader(input, ending.equals("conllu"), 1, ConllReader.NONE, (_, _) -> {}).columns();
        }
    }

    private static String usualTags(TableFile table) {
        List<String> columns = table.columns();
        return columns.contains("ner_tags") && !columns.contains("tags") ? "ner_tags" : "tags";
    }

    private TaggedSentence sentence(Row row, List<String> columns) {
        List<String> tokens = row.list(0, "token", false);
        List<String> tags = columns.size() > 1 ? row.list(1, "tag", true) : List.of();
        if (tokens.isEmpty()) {
            throw row.error("there are no tokens (column " + Shown.value(columns.getFirst()) + ")");
        }
        if (columns.size() > 1 && tags.size() != tokens.size()) {
            throw row.error(tokens.size() + " tokens and " + tags.size() + " tags");
        }
        return new TaggedSentence(file, tokens, tags, Collections.nCopies(tokens.size(), row.line()));
    }
}
