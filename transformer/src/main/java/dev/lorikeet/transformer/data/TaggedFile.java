package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Sha256;
import dev.lorikeet.transformer.io.Shown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A file of sentences whose tokens have a tag each, for example of named entities or of parts of speech; its ending
 * says how it is written:
 * <ul>
 * <li>{@code .jsonl}: one JSON object per line, with a list of tokens and a list of as many tags;
 * <li>{@code .conllu}: CoNLL-U of Universal Dependencies, <a
 * href="https://universaldependencies.org/format.html">universaldependencies.org/format.html</a>;
 * <li>any other but {@code .json} and {@code .csv}: as CoNLL's shared tasks have it (Tjong Kim Sang and De Meulder
 * 2003), a token and its tag in each line, columns between tabs or, in files without, between spaces, an empty line
 * behind each sentence. Lines of {@code -DOCSTART-} and of {@code "# "} before a sentence are left out.
 * </ul>
 *
 * <p>Any may be gzip, with {@code .gz} after its ending or without. Text is UTF-8, or UTF-16 with a byte order mark. A
 * file is read sentence by sentence, and takes the memory of those that are kept.
 */
public final class TaggedFile {
    private static final int UNIVERSAL_TOKEN = 2; // FORM
    private static final int UNIVERSAL_TAG = 4; // UPOS

    private final Path file;
    private final String name;
    private final String ending;
    private final @Nullable String tokenColumn;
    private final @Nullable String tagColumn;

    /** A file that is read when its sentences are asked for, of the usual columns. */
    public TaggedFile(Path file) {
        this(file, null, null);
    }

    /**
     * A file that is read when its sentences are asked for.
     *
     * @param tokenColumn the field of the tokens in JSON, else the number of their column, from 1; null:
     *     {@code tokens}, in CoNLL-U the second, else the first
     * @param tagColumn the same of the tags; null: {@code tags} or else {@code ner_tags}, in CoNLL-U the fourth, else
     *     the last
     * @throws InputException if the ending is of another kind of file, or a column that must be a number is none
     */
    public TaggedFile(Path file, @Nullable String tokenColumn, @Nullable String tagColumn) {
        this.file = file;
        this.name = String.valueOf(file.getFileName());
        String plain = name.toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
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

    /**
     * The tokens of each sentence with their tags, in the file's order.
     *
     * @throws InputException if the file is missing, no file or no text, without a sentence, if a line has another
     *     number of columns than the first, a token or a tag is empty or, in JSON, no text, there are more of the one
     *     than of the other, or if they take more than half of the memory
     */
    public Samples<List<String>, List<String>> read() {
        return read((Set<String>) null);
    }

    /**
     * As {@link #read()}, where the tags are known that there may be.
     *
     * @throws InputException as {@link #read()}, or if there is a tag that is not known
     */
    public Samples<List<String>, List<String>> read(List<String> knownTags) {
        return read(new HashSet<>(knownTags));
    }

    /** The tokens of each sentence with their tags, in the file's order, read whenever somebody goes through them. */
    public StreamedExamples<List<String>, List<String>> stream() {
        return new StreamedExamples<>(file,
                () -> new Sha256().add(file).hex() + " " + ending + " " + tokenColumn + " " + tagColumn,
                more -> sentences(true, sentence -> {
                    requireTags(sentence, null);
                    return more.test(List.copyOf(sentence.tokens()), List.copyOf(sentence.tags()));
                }));
    }

    private void requireTags(TaggedSentence sentence, @Nullable Set<String> known) {
        for (int i = 0; i < sentence.tags().size(); i++) {
            String tag = sentence.tags().get(i);
            int line = sentence.lines().get(i);
            if (tag.isBlank()) {
                throw error(line, "the tag of " + Shown.value(sentence.tokens().get(i)) + " is white space");
            }
            if (known != null && !known.contains(tag)) {
                throw error(line, "unknown tag " + Shown.value(tag) + ", known are "
                        + Shown.names(known.stream().sorted().toList()));
            }
        }
    }

    private Samples<List<String>, List<String>> read(@Nullable Set<String> known) {
        KeptText kept = new KeptText(file, Runtime.getRuntime().maxMemory());
        List<List<String>> inputs = new ArrayList<>();
        List<List<String>> targets = new ArrayList<>();
        Map<String, String> tags = new HashMap<>(); // there are few, and each is there once
        sentences(true, sentence -> {
            requireTags(sentence, known);
            for (int i = 0; i < sentence.tags().size(); i++) {
                kept.add(sentence.tokens().get(i), sentence.lines().get(i));
            }
            inputs.add(List.copyOf(sentence.tokens()));
            targets.add(sentence.tags().stream().map(tag -> tags.computeIfAbsent(tag, first -> first)).toList());
            return true;
        });
        if (inputs.isEmpty()) {
            throw new InputException(file, "sentences", "there are none");
        }
        return new Samples<>(name, inputs, targets);
    }

    /**
     * Hands over the tokens of each sentence, in the file's order, whether they have tags or not.
     *
     * @throws InputException as {@link #read()}, but for what is wrong with tags
     */
    public void tokens(Consumer<List<String>> action) {
        sentences(false, sentence -> {
            action.accept(List.copyOf(sentence.tokens()));
            return true;
        });
    }

    private InputException error(int line, String rule) {
        return new InputException(file, "line " + line, rule);
    }

    private boolean isJson() {
        return ending.equals("jsonl");
    }

    /** @param more of a sentence, true if it is to be given the next */
    private void sentences(boolean tagged, Predicate<TaggedSentence> more) {
        if (isJson()) {
            TableFile table = new TableFile(file, TableFormat.STANDARD);
            List<String> columns = new ArrayList<>(List.of(tokenColumn == null ? "tokens" : tokenColumn));
            if (tagged) {
                columns.add(tagColumn == null ? usualTags(table) : tagColumn);
            }
            table.rowsWhile(columns, row -> more.test(sentence(row, columns)));
            return;
        }
        boolean universal = ending.equals("conllu");
        int token = tokenColumn != null ? Integer.parseInt(tokenColumn) : universal ? UNIVERSAL_TOKEN : 1;
        int tag = tagColumn != null ? Integer.parseInt(tagColumn) : universal ? UNIVERSAL_TAG : ConllReader.LAST;
        try (TextInput input = new TextInput(file)) {
            ConllReader reader = new ConllReader(input, universal, token, tagged ? tag : ConllReader.NONE);
            TaggedSentence next = reader.next();
            while (next != null && more.test(next)) {
                next = reader.next();
            }
        }
    }

    private static String usualTags(TableFile table) {
        List<String> columns = table.columns();
        return columns.contains("ner_tags") && !columns.contains("tags") ? "ner_tags" : "tags";
    }

    private static TaggedSentence sentence(Row row, List<String> columns) {
        List<String> tokens = row.list(0, "token");
        List<String> tags = columns.size() > 1 ? row.list(1, "tag") : List.of();
        if (tokens.isEmpty()) {
            throw row.error("there are no tokens (column " + Shown.value(columns.getFirst()) + ")");
        }
        if (columns.size() > 1 && tags.size() != tokens.size()) {
            throw row.error(tokens.size() + " tokens and " + tags.size() + " tags");
        }
        return new TaggedSentence(tokens, tags, Collections.nCopies(tokens.size(), row.line()));
    }
}
