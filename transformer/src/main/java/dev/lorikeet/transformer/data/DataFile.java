package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import it.unimi.dsi.fastutil.objects.Object2IntMap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;

/**
 * A file of labelled texts; its ending says how it is written:
 * <ul>
 * <li>{@code .tsv}: a header line with the names of the columns, fields between tabs, quotes are letters like any
 * other;
 * <li>{@code .csv}: a header line, fields between commas and in double quotes where needed (RFC 4180);
 * <li>{@code .jsonl}: one JSON object per line, the columns are its fields; a label may be a string, a whole number,
 * true or false.
 * </ul>
 *
 * <p>Any may be gzip, with {@code .gz} after its ending or without. Text is UTF-8, or UTF-16 with a byte order mark.
 * Empty lines are skipped. A file is read row by row: it takes the memory of the examples that are kept. Messages name
 * the command's flags for what {@link TableFormat} says.
 */
public final class DataFile {
    /** So few may be labels that occur once each. */
    private static final int FEW_LABELS = 100;
    /** So many are looked at before the end of the file. */
    private static final int MANY_LABELS = 100_000;

    private final Path file;
    private final String name;
    private final TableFormat format;

    private interface RowReader {
        void accept(int line, String text, String label);
    }

    /** A file that is read when its examples are asked for. */
    public DataFile(Path file, TableFormat format) {
        this.file = file;
        this.name = String.valueOf(file.getFileName());
        this.format = format;
    }

    /** All examples in the file's order, with the labels that are in the file, sorted. */
    public static Dataset read(Path file, String textColumn, String labelColumn) {
        return new DataFile(file, new TableFormat(textColumn, labelColumn)).read();
    }

    /** All examples in the file's order, with labels that are known before. */
    public static Dataset read(Path file, String textColumn, String labelColumn, List<String> knownLabels) {
        return new DataFile(file, new TableFormat(textColumn, labelColumn)).read(knownLabels);
    }

    /**
     * All examples in the file's order, with the labels that are in the file, sorted.
     *
     * @throws InputException if the file is missing, no file or no text, of an unknown ending, without an example,
     *             lacks a column, has a line with too few or too many fields, a carriage return alone, an empty text or
     *             label, if nearly every row has a label of its own, or if the texts take more than half of the memory
     */
    public Dataset read() {
        KeptText kept = keptText();
        List<String> texts = new ArrayList<>();
        Labels labels = new Labels();
        rows((line, text, label) -> {
            texts.add(text);
            kept.add(text, line);
            add(label, labels, kept, line);
        });
        requireClasses(labels);
        int[] classes = labels.indices();
        return dataset(IntStream.range(0, classes.length).mapToObj(i -> new Example(texts.get(i), classes[i])).toList(),
                labels.sorted());
    }

    /**
     * All examples in the file's order.
     *
     * @param knownLabels the labels there may be, in the order of their numbers
     * @throws InputException as {@link #read()}, or if there is a label that is not known
     */
    public Dataset read(List<String> knownLabels) {
        KeptText kept = keptText();
        Object2IntMap<String> indices = Labels.indexed(knownLabels);
        List<Example> examples = new ArrayList<>();
        rows((line, text, label) -> {
            int index = indices.getInt(label);
            if (index < 0) {
                throw error(line, "unknown label " + Shown.value(label) + ", known are " + Shown.names(knownLabels));
            }
            examples.add(new Example(text, index));
            kept.add(text, line);
        });
        return dataset(examples, knownLabels);
    }

    /**
     * At most {@code limit} examples in the file's order, of each class its share, with the labels of the whole file,
     * sorted; a class has none only where there are more classes than the limit. The file is read twice, and no more of
     * it is kept than the sample.
     *
     * @param limit at least 1
     * @param seed of the sample: the same one draws the same examples
     * @throws InputException as {@link #read()}
     */
    public Dataset sample(int limit, long seed) {
        KeptText kept = keptText();
        Labels labels = new Labels();
        rows((line, _, label) -> add(label, labels, kept, line));
        requireClasses(labels);
        List<String> sorted = labels.sorted();
        int[] classes = labels.indices();
        BitSet drawn = ClassSample.of(classes, sorted, limit, seed);
        List<Example> examples = new ArrayList<>();
        PrimitiveIterator.OfInt row = IntStream.range(0, classes.length).iterator();
        rows((line, text, label) -> {
            int i = row.hasNext() ? row.nextInt() : -1;
            if (i < 0 || !sorted.get(classes[i]).equals(label)) {
                throw error(line, "the file changed while it was read");
            }
            if (drawn.get(i)) {
                examples.add(new Example(text, classes[i]));
                kept.add(text, line);
            }
        });
        return dataset(examples, sorted);
    }

    private void add(String label, Labels labels, KeptText kept, int line) {
        if (labels.add(label)) {
            kept.add(label, line);
            if (labels.size() == MANY_LABELS) {
                requireClasses(labels);
            }
        }
    }

    /** A column of numbers or texts, taken for the labels' by mistake, has nearly as many values as rows. */
    private void requireClasses(Labels labels) {
        if (labels.size() >= FEW_LABELS && labels.size() > 0.9 * labels.rows()) {
            throw new InputException(file, "column " + Shown.value(format.labelColumn()), "has " + labels.size()
                    + " different values in " + labels.rows() + " rows: these are no classes; which column has them?");
        }
    }

    private KeptText keptText() {
        return new KeptText(file, Runtime.getRuntime().maxMemory());
    }

    private Dataset dataset(List<Example> examples, List<String> labels) {
        if (examples.isEmpty()) {
            throw new InputException(file, "examples", "there are none");
        }
        return new Dataset(name, examples, labels);
    }

    /** Goes through the rows, each of which has a text and a label. */
    private void rows(RowReader reader) {
        RowReader checked = (line, text, label) -> {
            requireFilled(text, "text", format.textColumn(), line);
            requireFilled(label, "label", format.labelColumn(), line);
            reader.accept(line, text, label);
        };
        String ending = ending(name.replaceFirst("(?i)\\.gz$", ""));
        try (TextInput input = new TextInput(file)) {
            switch (ending) {
                case "tsv" -> table(input, delimiter('\t'), false, checked);
                case "csv" -> table(input, delimiter(','), true, checked);
                default -> jsonLines(input, checked);
            }
        }
    }

    private String ending(String name) {
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        if (!List.of("tsv", "csv", "jsonl").contains(ending)) {
            throw new InputException(file, "name", "the ending must be .tsv, .csv or .jsonl");
        }
        if (ending.equals("jsonl") && !(format.header() && format.delimiter() == null)) {
            throw new InputException(file, "name", "JSON lines have neither a header nor a delimiter");
        }
        return ending;
    }

    private char delimiter(char usual) {
        Character own = format.delimiter();
        return own == null ? usual : own;
    }

    private void requireFilled(String value, String what, String column, int line) {
        if (value.isBlank()) {
            throw error(line, "the " + what + " (column " + Shown.value(column) + ") is empty");
        }
    }

    private void table(TextInput input, char delimiter, boolean quoted, RowReader reader) {
        DelimitedReader records = new DelimitedReader(input, delimiter, quoted);
        List<String> first = records.next();
        if (first == null) {
            throw error(1, "the file is empty" + (format.header() ? ", a header line with the names of the columns is "
                    + "expected" : ""));
        }
        int text = column(first, format.textColumn(), input.recordLine());
        int label = column(first, format.labelColumn(), input.recordLine());
        for (List<String> fields = format.header() ? records.next() : first; fields != null; fields = records.next()) {
            if (fields.size() != first.size()) {
                throw error(input.recordLine(), fields.size() + (fields.size() == 1 ? " field" : " fields") + ", the "
                        + (format.header() ? "header" : "first line") + " has " + first.size());
            }
            reader.accept(input.recordLine(), fields.get(text), fields.get(label));
        }
    }

    private int column(List<String> first, String name, int line) {
        int index = format.header() ? first.indexOf(name) : Integer.parseInt(name) - 1;
        if (index < 0 || index >= first.size()) {
            throw error(line,
                    "there is no column " + (format.header() ? Shown.value(name) : name) + ", there " + (format.header()
                            ? "are " + Shown.names(first)
                            : "are " + first.size()) + hint(first));
        }
        if (format.header() && first.lastIndexOf(name) != index) {
            throw error(line, "a column name occurs twice: " + Shown.names(first) + hint(first));
        }
        return index;
    }

    /** What may be meant where the first line has not the columns that it should have. */
    private String hint(List<String> first) {
        String other = first.size() > 1 ? ""
                : first.getFirst().chars().mapToObj(DelimitedReader::hint).filter(hint -> !hint.isEmpty()).findFirst()
                        .orElse("");
        return !other.isEmpty() || !format.header() ? other
                : "; without a header say --no-header and number the columns from 1, as --text-column 1";
    }

    private void jsonLines(TextInput input, RowReader reader) {
        while (input.startRecord()) {
            int line = input.recordLine();
            String text = input.restOfLine();
            if (!text.isBlank()) {
                JsonObject object = new JsonObject(file, "line " + line, Json.readLine(text, file, line));
                reader.accept(line, object.string(format.textColumn()), label(object));
            }
        }
    }

    private String label(JsonObject object) {
        return switch (object.fields().get(format.labelColumn())) {
            case Integer number -> number.toString();
            case Long number -> number.toString();
            case Boolean flag -> flag.toString();
            case null, default -> object.string(format.labelColumn());
        };
    }

    private InputException error(int line, String rule) {
        return new InputException(file, "line " + line, rule);
    }
}
