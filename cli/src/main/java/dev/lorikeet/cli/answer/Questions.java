package dev.lorikeet.cli.answer;

import dev.lorikeet.cli.task.Columns;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.data.TableFormat;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.InputFile;
import dev.lorikeet.transformer.io.Printable;
import dev.lorikeet.transformer.io.Shown;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Where questions come from. */
@FunctionalInterface
public interface Questions {
    /** What the one text of a question is called. */
    List<String> TEXT = List.of("text");

    /** Hands over one after the other, until {@code reader} has seen enough or there is none. */
    void forEach(Predicate<Question> reader);

    /**
     * Texts of a command line.
     *
     * @param names what those of a question are called
     * @throws InputException if one is empty, or they are no whole questions
     */
    static Questions of(List<String> texts, List<String> names) {
        int count = names.size();
        if (texts.stream().anyMatch(String::isBlank)) {
            throw new InputException("TEXT: must not be empty");
        }
        if (texts.size() % count != 0) {
            throw new InputException("TEXT: the model reads pairs, two texts for each answer, not " + texts.size());
        }
        return reader -> {
            boolean more = true;
            for (int i = 0; i < texts.size() && more; i += count) {
                List<String> own = texts.subList(i, i + count);
                more = reader.test(Question.of(names, own, null));
            }
        };
    }

    /**
     * The lines of a text in UTF-8, which is not closed; of pairs with a tab between the two.
     *
     * @param name for messages
     * @param names what the texts of a line are called
     */
    static Questions lines(InputStream in, String name, List<String> names) {
        return reader -> {
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
            try {
                boolean more = true;
                int number = 0;
                for (@Nullable
                String line = lines.readLine(); line != null && more; line = more ? lines.readLine() : null) {
                    String place = name + ": line " + ++number;
                    more = reader.test(line.isBlank() ? Question.empty(names, line, place)
                            : Question.of(names, split(line, place, names.size()), place));
                }
            } catch (CharacterCodingException e) {
                throw new InputException(name + ": is not UTF-8");
            } catch (IOException e) {
                throw new UncheckedIOException(name, e);
            }
        };
    }

    /** The texts of a line. */
    private static List<String> split(String line, String place, int count) {
        List<String> own = count == 1 ? List.of(line) : List.of(line.split("\t", -1));
        if (own.size() != count || own.stream().anyMatch(String::isBlank)) {
            throw new InputException(place + ": \"" + Printable.of(line)
                    + "\" is no pair, two texts with a tab between them are expected");
        }
        return own;
    }

    /**
     * The lines of a .txt file, or the rows of a table.
     *
     * @param said the columns of the texts; none where the usual ones are meant
     * @param names what the texts of a line are called
     * @throws InputException if the file cannot be read, or has not the columns
     */
    static Questions of(Path file, TableFormat format, List<String> said, List<String> names) {
        int count = names.size();
        if (String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".txt")) {
            return reader -> {
                try (InputStream in = InputFile.open(file)) {
                    lines(in, file.toString(), names).forEach(reader);
                } catch (IOException e) {
                    throw InputFile.error(file, e);
                }
            };
        }
        Table table = new Table(file, format);
        List<String> all = table.columns();
        List<String> texts = said.isEmpty() ? Columns.texts(file, all, count) : said;
        if (texts.size() != count) {
            throw new InputException(file, "columns", "the model reads " + (count == 1 ? "texts" : "pairs") + ", and "
                    + (texts.size() == 1 ? "one column of texts is" : "two columns of texts are") + " said");
        }
        return reader -> table.rows(all, row -> new Question(new LinkedHashMap<>(row.fields()),
                texts.stream().map(name -> row.text(place(all, name, file))).toList(), file + ": line " + row.line()),
                reader);
    }

    private static int place(List<String> all, String name, Path file) {
        int place = all.indexOf(name);
        if (place < 0) {
            throw new InputException(file, "columns", "there is no " + name + ", there are " + Shown.names(all));
        }
        return place;
    }
}
