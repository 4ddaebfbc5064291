package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.data.DelimitedReader.Faults;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One file of a {@link Table}. */
final class TableFile {
    /** The column of a file of texts alone. */
    private static final String TEXT = "text";

    private final Path file;
    private final String name;
    private final TableFormat format;

    TableFile(Path file, TableFormat format) {
        this.file = file;
        this.name = String.valueOf(file.getFileName());
        this.format = format;
    }

    /**
     * Goes through the rows until {@code reader} says that it has seen enough.
     *
     * @param columns what each row is asked for
     * @param faults hears of rows that cannot be read, which are left out, unless it throws
     * @param reader of a row, true if it is to be given the next
     * @return whether it was true to the end
     */
    boolean rows(List<String> columns, Faults faults, Predicate<Row> reader) {
        String ending = ending();
        try (TextInput input = new TextInput(file)) {
            return switch (ending) {
                case "tsv" -> table(input, delimiter('\t'), false, columns, faults, reader);
                case "csv" -> table(input, delimiter(','), true, columns, faults, reader);
                case "txt" -> lines(input, columns, reader);
                default -> jsonLines(input, columns, faults, reader);
            };
        }
    }

    /** The columns that there are, see {@link Table#columns}. */
    List<String> columns() {
        String ending = ending();
        if (ending.equals("txt")) {
            return List.of(TEXT);
        }
        try (TextInput input = new TextInput(file)) {
            if (isJson()) {
                return input.startRecord()
                        ? List.copyOf(Json.readLine(input.restOfLine(), file, input.recordLine()).keySet())
                        : List.of();
            }
            boolean quoted = ending.equals("csv");
            List<String> first = new DelimitedReader(input, delimiter(quoted ? ',' : '\t'), quoted, TableFile::fail)
                    .next();
            if (first == null) {
                return List.of();
            }
            return format.header() ? first
                    : IntStream.rangeClosed(1, first.size()).mapToObj(Integer::toString).toList();
        }
    }

    private static void fail(int line, InputException fault) {
        throw fault;
    }

    boolean isJson() {
        return ending().equals("jsonl");
    }

    String ending() {
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

    private boolean table(TextInput input, char delimiter, boolean quoted, List<String> columns, Faults faults,
            Predicate<Row> reader) {
        // of what is wrong with the first line, nothing else can be read
        Faults[] now = {TableFile::fail};
        DelimitedReader records = new DelimitedReader(input, delimiter, quoted,
                (line, fault) -> now[0].add(line, fault));
        List<String> first = records.next();
        now[0] = faults;
        if (first == null) {
            throw error(1, "the file is empty" + (format.header() ? ", a header line with the names of the columns is "
                    + "expected" : ""));
        }
        int firstLine = input.recordLine();
        int[] places = columns.stream().mapToInt(name -> column(first, name, firstLine)).toArray();
        boolean more = true;
        for (List<String> fields = format.header() ? records.next() : first; fields != null && more; fields = more
                ? records.next()
                : null) {
            int line = input.recordLine();
            List<String> own = fields;
            if (own.size() != first.size()) {
                faults.add(line, error(line, own.size() + (own.size() == 1 ? " field" : " fields") + ", the "
                        + (format.header() ? "header" : "first line") + " has " + first.size()));
            } else {
                more = reader.test(new Row(file, line, columns, IntStream.of(places).mapToObj(own::get).toList(),
                        null));
            }
        }
        return more;
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

    private boolean lines(TextInput input, List<String> columns, Predicate<Row> reader) {
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
        return more;
    }

    private boolean jsonLines(TextInput input, List<String> columns, Faults faults, Predicate<Row> reader) {
        boolean more = true;
        while (more && input.startRecord()) {
            int line = input.recordLine();
            String text = input.restOfLine();
            Map<String, Object> fields = text.isBlank() ? null : object(text, line, faults);
            more = fields == null || reader.test(new Row(file, line, columns, List.of(),
                    new JsonObject(file, "line " + line, fields)));
        }
        return more;
    }

    private @Nullable Map<String, Object> object(String text, int line, Faults faults) {
        try {
            return Json.readLine(text, file, line);
        } catch (InputException e) {
            faults.add(line, e);
            return null;
        }
    }

    private InputException error(int line, String rule) {
        return new InputException(file, "line " + line, rule);
    }
}
