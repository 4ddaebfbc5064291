package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Reads labelled texts from a file; its ending says how it is written:
 * <ul>
 * <li>{@code .tsv}: a header line with the names of the columns, fields between tabs, quotes are letters like any
 * other;
 * <li>{@code .csv}: a header line, fields between commas and in double quotes where needed (RFC 4180);
 * <li>{@code .jsonl}: one JSON object per line, the columns are its fields; a label may be a string, a whole number,
 * true or false.
 * </ul>
 *
 * <p>All are UTF-8, with or without a byte order mark. Empty lines are skipped.
 */
public final class DataFile {
    private static final int MAX_BYTES = 1 << 30;

    private final Path file;
    private final String textColumn;
    private final String labelColumn;
    private final List<Row> rows = new ArrayList<>();

    private record Row(int line, String text, String label) {}

    private DataFile(Path file, String textColumn, String labelColumn) {
        this.file = file;
        this.textColumn = textColumn;
        this.labelColumn = labelColumn;
    }

    /** As {@link #read(Path, String, String, List)}, with the labels that are in the file, sorted. */
    public static Dataset read(Path file, String textColumn, String labelColumn) {
        return read(file, textColumn, labelColumn, null);
    }

    /**
     * Reads a whole file, examples in the file's order.
     *
     * @param knownLabels the labels there may be, in the order of their numbers; null: those in the file, sorted
     * @throws InputException if the file is missing, over 1 GiB, of an unknown ending, not UTF-8, without an example,
     *             lacks a column, or has a line with too few or too many fields, an empty text or label, or a label
     *             that is not known
     */
    public static Dataset read(Path file, String textColumn, String labelColumn, @Nullable List<String> knownLabels) {
        DataFile reader = new DataFile(file, textColumn, labelColumn);
        String name = String.valueOf(file.getFileName());
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        switch (ending) {
            case "tsv" -> reader.readDelimited(new DelimitedReader(file, reader.content(), '\t', false));
            case "csv" -> reader.readDelimited(new DelimitedReader(file, reader.content(), ',', true));
            case "jsonl" -> reader.readJsonLines();
            default -> throw new InputException(file, "name", "the ending must be .tsv, .csv or .jsonl");
        }
        return reader.dataset(name, knownLabels);
    }

    private String content() {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new InputException(file, "size", "data files over 1 GiB are not read");
            }
            String content = decode(ByteBuffer.wrap(Files.readAllBytes(file)));
            return content.startsWith("\uFEFF") ? content.substring(1) : content;
        } catch (NoSuchFileException e) {
            throw new InputException(file, "open", "there is no such file");
        } catch (IOException e) {
            throw new InputException(file, "open", "cannot be read: " + e.getMessage());
        }
    }

    private String decode(ByteBuffer utf8) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
        } catch (CharacterCodingException e) {
            int line = 1;
            for (int i = 0; i < utf8.position(); i++) { // the decoder stopped at the first byte it could not read
                line += utf8.get(i) == '\n' ? 1 : 0;
            }
            throw error(line, "is not UTF-8");
        }
    }

    private void readDelimited(DelimitedReader reader) {
        List<String> header = reader.next();
        if (header == null) {
            throw error(1, "the file is empty, a header line with the names of the columns is expected");
        }
        if (new HashSet<>(header).size() != header.size()) {
            throw error(reader.line(), "a column name occurs twice: " + String.join(", ", header));
        }
        int text = column(header, textColumn, reader.line());
        int label = column(header, labelColumn, reader.line());
        for (List<String> fields = reader.next(); fields != null; fields = reader.next()) {
            if (fields.size() != header.size()) {
                throw error(reader.line(), fields.size() + (fields.size() == 1 ? " field" : " fields")
                        + ", the header has " + header.size());
            }
            rows.add(new Row(reader.line(), fields.get(text), fields.get(label)));
        }
    }

    private int column(List<String> header, String name, int line) {
        int index = header.indexOf(name);
        if (index < 0) {
            throw error(line, "there is no column \"" + name + "\", there are " + String.join(", ", header));
        }
        return index;
    }

    private void readJsonLines() {
        int line = 0;
        for (String text : (Iterable<String>) content().lines()::iterator) {
            line++;
            if (!text.isBlank()) {
                JsonObject object = new JsonObject(file, "line " + line, Json.readLine(text, file, line));
                rows.add(new Row(line, object.string(textColumn), label(object)));
            }
        }
    }

    private String label(JsonObject object) {
        return switch (object.fields().get(labelColumn)) {
            case Integer number -> number.toString();
            case Long number -> number.toString();
            case Boolean flag -> flag.toString();
            case null, default -> object.string(labelColumn);
        };
    }

    private Dataset dataset(String name, @Nullable List<String> knownLabels) {
        if (rows.isEmpty()) {
            throw new InputException(file, "examples", "there are none");
        }
        List<String> labels = knownLabels != null ? knownLabels
                : rows.stream().map(Row::label).distinct().sorted().toList();
        List<Example> examples = new ArrayList<>(rows.size());
        for (Row row : rows) {
            if (row.text().isBlank()) {
                throw error(row.line(), "the text (column \"" + textColumn + "\") is empty");
            }
            if (row.label().isBlank()) {
                throw error(row.line(), "the label (column \"" + labelColumn + "\") is empty");
            }
            int label = labels.indexOf(row.label());
            if (label < 0) {
                throw error(row.line(),
                        "unknown label \"" + row.label() + "\", known are " + String.join(", ", labels));
            }
            examples.add(new Example(row.text(), label));
        }
        return new Dataset(name, examples, labels);
    }

    private InputException error(int line, String rule) {
        return new InputException(file, "line " + line, rule);
    }
}
