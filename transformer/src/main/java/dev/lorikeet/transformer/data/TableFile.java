package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Sha256;
import dev.lorikeet.transformer.io.Shown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * A file of rows with columns; its ending says how it is written:
 * <ul>
 * <li>{@code .tsv}: a header line with the names of the columns, fields between tabs, quotes are letters like any
 * other;
 * <li>{@code .csv}: a header line, fields between commas and in double quotes where needed (RFC 4180);
 * <li>{@code .jsonl}: one JSON object per line, the columns are its fields;
 * <li>{@code .txt}: a text on each line, the one column is {@code text}.
 * </ul>
 *
 * <p>Any may be gzip, with {@code .gz} after its ending or without. Text is UTF-8, or UTF-16 with a byte order mark.
 * Empty lines are skipped. A file is read row by row. Messages name the command's flags for what {@link TableFormat}
 * says.
 */
public final class TableFile {
    /** The column of a file of texts alone. */
    private static final String TEXT = "text";

    private final Path file;
    private final String name;
    private final TableFormat format;

    /** A file that is read when its rows are asked for. */
    public TableFile(Path file, TableFormat format) {
        this.file = file;
        this.name = String.valueOf(file.getFileName());
        this.format = format;
    }

    /** The file. */
    public Path file() {
        return file;
    }

    /** What people call it. */
    public String name() {
        return name;
    }

    /**
     * Goes through the rows.
     *
     * @param columns what each row is asked for
     * @throws InputException if the file is missing, no file or no text, of an unknown ending, lacks a column, has a
     *             line with too few or too many fields, or a carriage return alone
     */
    public void rows(List<String> columns, Consumer<Row> reader) {
        rowsWhile(columns, row -> {
            reader.accept(row);
            return true;
        });
    }

    /**
     * Goes through the rows until {@code reader} says that it has seen enough.
     *
     * @param reader of a row, true if it is to be given the next
     * @throws InputException as {@link #rows}
     */
    public void rowsWhile(List<String> columns, Predicate<Row> reader) {
        String ending = ending();
        try (TextInput input = new TextInput(file)) {
            switch (ending) {
                case "tsv" -> table(input, delimiter('\t'), false, columns, reader);
                case "csv" -> table(input, delimiter(','), true, columns, reader);
                case "txt" -> lines(input, columns, reader);
                default -> jsonLines(input, columns, reader);
            }
        }
    }

    /**
     * The columns that there are: the names in the header, numbers from 1 where there is none, in JSON lines the fields
     * of the first; none in a file without a row.
     *
     * @throws InputException as {@link #rows}
     */
    public List<String> columns() {
        String ending = ending();
        if (ending.equals("txt")) {
            return List.of(TEXT);
        }
        try (TextInput input = new TextInput(file)) {
            if (ending.equals("jsonl")) {
                return input.startRecord()
                        ? List.copyOf(Json.readLine(input.restOfLine(), file, input.recordLine()).keySet())
                        : List.of();
            }
            boolean quoted = ending.equals("csv");
            List<String> first = new DelimitedReader(input, delimiter(quoted ? ',' : '\t'), quoted).next();
            if (first == null) {
                return List.of();
            }
            return format.header() ? first
                    : IntStream.rangeClosed(1, first.size()).mapToObj(Integer::toString).toList();
        }
    }

    /**
     * The rows as examples.
     *
     * @param targets the columns of the target, by which {@code target} asks a row
     * @throws InputException as {@link #rows}, if there is no example, or if they take more than half of the memory
     */
    public <X, Y> Samples<X, Y> samples(Input<X> input, List<String> targets, Function<Row, Y> target) {
        KeptText kept = new KeptText(file, Runtime.getRuntime().maxMemory());
        List<X> inputs = new ArrayList<>();
        List<Y> wanted = new ArrayList<>();
        List<String> columns = new ArrayList<>(input.columns());
        columns.addAll(targets);
        rows(columns, row -> {
            inputs.add(input.reader().apply(row));
            wanted.add(target.apply(row.from(input.columns().size())));
            kept.add(row);
        });
        if (inputs.isEmpty()) {
            throw new InputException(file, "examples", "there are none");
        }
        return new Samples<>(name, inputs, wanted);
    }

    /**
     * The rows as examples that are not kept.
     *
     * @param targets the columns of the target, by which {@code target} asks a row
     * @param how says what {@code target} does to them
     */
    public <X, Y> StreamedExamples<X, Y> stream(Input<X> input, List<String> targets, String how,
            Function<Row, Y> target) {
        List<String> columns = new ArrayList<>(input.columns());
        columns.addAll(targets);
        return new StreamedExamples<>(file, () -> origin(columns) + " " + how, more -> rowsWhile(columns,
                row -> more.test(input.reader().apply(row), target.apply(row.from(input.columns().size())))));
    }

    /** The content, and how it is read. */
    String origin(List<String> columns) {
        return new Sha256().add(file).hex() + " " + ending() + " " + format + " " + columns;
    }

    private String ending() {
        String plain = name.replaceFirst("(?i)\\.gz$", "");
        String ending = plain.substring(plain.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        boolean table = ending.equals("tsv") || ending.equals("csv");
        if (!table && !ending.equals("jsonl") && !ending.equals("txt")) {
            throw new InputException(file, "name", "the ending must be .tsv, .csv or .jsonl, or .txt of texts alone");
        }
        if (!table && !(format.header() && format.delimiter() == null)) {
            throw new InputException(file, "name", (ending.equals("txt") ? "lines of text" : "JSON lines")
                    + " have neither a header nor a delimiter");
        }
        return ending;
    }

    private char delimiter(char usual) {
        Character own = format.delimiter();
        return own == null ? usual : own;
    }

    private void table(TextInput input, char delimiter, boolean quoted, List<String> columns, Predicate<Row> reader) {
        DelimitedReader records = new DelimitedReader(input, delimiter, quoted);
        List<String> first = records.next();
        if (first == null) {
            throw error(1, "the file is empty" + (format.header() ? ", a header line with the names of the columns is "
                    + "expected" : ""));
        }
        int firstLine = input.recordLine();
        int[] places = columns.stream().mapToInt(name -> column(first, name, firstLine)).toArray();
        for (List<String> fields = format.header() ? records.next() : first; fields != null; fields = records.next()) {
            if (fields.size() != first.size()) {
                throw error(input.recordLine(), fields.size() + (fields.size() == 1 ? " field" : " fields") + ", the "
                        + (format.header() ? "header" : "first line") + " has " + first.size());
            }
            List<String> own = fields;
            if (!reader.test(new Row(file, input.recordLine(), columns,
                    IntStream.of(places).mapToObj(own::get).toList(), null))) {
                return;
            }
        }
    }

    private int column(List<String> first, String name, int line) {
        if (!format.header() && !TableFormat.isNumber(name)) {
            throw new InputException(file, "column " + Shown.value(name),
                    "without a header, columns are numbers from 1 on");
        }
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

    private void lines(TextInput input, List<String> columns, Predicate<Row> reader) {
        columns.stream().filter(name -> !name.equals(TEXT)).findFirst().ifPresent(name -> {
            throw new InputException(file, "column " + Shown.value(name),
                    "a file of texts alone has the column " + TEXT);
        });
        boolean more = true;
        while (more && input.startRecord()) {
            int line = input.recordLine();
            String text = input.restOfLine();
            more = text.isBlank() || reader.test(new Row(file, line, columns, Collections.nCopies(columns.size(), text),
                    null));
        }
    }

    private void jsonLines(TextInput input, List<String> columns, Predicate<Row> reader) {
        while (input.startRecord()) {
            int line = input.recordLine();
            String text = input.restOfLine();
            if (!text.isBlank()) {
                JsonObject object = new JsonObject(file, "line " + line, Json.readLine(text, file, line));
                if (!reader.test(new Row(file, line, columns, List.of(), object))) {
                    return;
                }
            }
        }
    }

    private InputException error(int line, String rule) {
        return new InputException(file, "line " + line, rule);
    }
}
