package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Sentences whose tokens have a tag each, for example of named entities or of parts of speech, of one file or of
 * several; a file's ending says how it is written:
 * <ul>
 * <li>{@code .jsonl}: one JSON object per line, with a list of tokens and a list of as many tags, which may be numbers,
 * as Hugging Face's data sets have them;
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
public final class TaggedText {
    private final DataSource source;
    private final @Nullable String tokenColumn;
    private final @Nullable String tagColumn;

    /** A file that is read when its sentences are asked for, of the usual columns. */
    public TaggedText(Path file) {
        this(DataSource.of(file), null, null);
    }

    /**
     * Files that are read when their sentences are asked for.
     *
     * @param tokenColumn the field of the tokens in JSON, else the number of their column, from 1; null:
     *     {@code tokens}, in CoNLL-U the second, else the first
     * @param tagColumn the same of the tags; null: {@code tags} or else {@code ner_tags}, in CoNLL-U the fourth, else
     *     the last
     * @throws InputException if an ending is of another kind of file, or a column that must be a number is none
     */
    public TaggedText(DataSource source, @Nullable String tokenColumn, @Nullable String tagColumn) {
        this.source = source;
        this.tokenColumn = tokenColumn;
        this.tagColumn = tagColumn;
        source.files().forEach(this::file);
    }

    private TaggedFile file(Path file) {
        return new TaggedFile(file, tokenColumn, tagColumn);
    }

    /**
     * The tokens of each sentence with their tags, in their order.
     *
     * @throws InputException if a file is missing, no file or no text, has another number of columns than the first, if
     *     there is no sentence, or if they take more than half of the memory; of a sentence, as {@link BadRows} has it,
     *     if a line has another number of columns than the first of its file, a token or a tag is empty or, in JSON, no
     *     text, or there are more of the one than of the other
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

    /** The tokens of each sentence with their tags, in their order, read whenever somebody goes through them. */
    public StreamedExamples<List<String>, List<String>> stream() {
        return new StreamedExamples<>(source,
                () -> source.sha256() + " " + source.files().stream().map(file -> file(file).ending()).distinct()
                        .toList() + " " + tokenColumn + " " + tagColumn,
                more -> sentences(true, null,
                        sentence -> more.test(List.copyOf(sentence.tokens()), List.copyOf(sentence.tags()))));
    }

    private static void requireTags(TaggedSentence sentence, @Nullable Set<String> known) {
        for (int i = 0; i < sentence.tags().size(); i++) {
            String tag = sentence.tags().get(i);
            if (tag.isBlank()) {
                throw sentence.error(i, "the tag of " + Shown.value(sentence.tokens().get(i)) + " is white space");
            }
            if (known != null && !known.contains(tag)) {
                throw sentence.error(i, "unknown tag " + Shown.value(tag) + ", known are "
                        + Shown.names(known.stream().sorted().toList()));
            }
        }
    }

    private Samples<List<String>, List<String>> read(@Nullable Set<String> known) {
        KeptText kept = new KeptText(Runtime.getRuntime().maxMemory());
        List<List<String>> inputs = new ArrayList<>();
        List<List<String>> targets = new ArrayList<>();
        Map<String, String> tags = new HashMap<>(); // there are few, and each is there once
        sentences(true, known, sentence -> {
            for (int i = 0; i < sentence.tags().size(); i++) {
                int token = i;
                kept.add(sentence.tokens().get(i), rule -> sentence.error(token, rule));
            }
            inputs.add(List.copyOf(sentence.tokens()));
            targets.add(sentence.tags().stream().map(tag -> tags.computeIfAbsent(tag, first -> first)).toList());
            return true;
        });
        if (inputs.isEmpty()) {
            throw source.error("sentences", "there are none");
        }
        return new Samples<>(source.name(), inputs, targets);
    }

    /**
     * Hands over the tokens of each sentence, in their order, whether they have tags or not.
     *
     * @throws InputException as {@link #read()}, but for what is wrong with tags
     */
    public void tokens(Consumer<List<String>> action) {
        sentences(false, null, sentence -> {
            action.accept(List.copyOf(sentence.tokens()));
            return true;
        });
    }

    /**
     * @param known the tags there may be, or null for any
     * @param more of a sentence, true if it is to be given the next
     */
    private void sentences(boolean tagged, @Nullable Set<String> known, Predicate<TaggedSentence> more) {
        requireColumns();
        source.read((file, rows) -> file(file).sentences(tagged, rows,
                sentence -> rows.take(sentence, sentence.lines().getFirst(), own -> {
                    requireTags(own, known);
                    return own;
                }, more)));
    }

    /** Of several files, the last column would be another one. */
    private void requireColumns() {
        Path first = null;
        int expected = 0;
        for (Path path : source.files().size() == 1 ? List.<Path>of() : source.files()) {
            TaggedFile file = file(path);
            int own = file.isJson() ? 0 : file.columns();
            if (own > 0 && first == null) {
                first = path;
                expected = own;
            } else if (own > 0 && own != expected) {
                throw new InputException(path, "columns", "a token has " + own + " of them, and one in " + first
                        + " has " + expected + ": files that are read together have as many");
            }
        }
    }
}
