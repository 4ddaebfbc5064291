package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Rows with columns, of one file or of several that have the same columns; a file's ending says how it is written:
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
public final class Table {
    private final DataSource source;
    private final TableFormat format;

    /** Files that are read when their rows are asked for. */
    public Table(DataSource source, TableFormat format) {
        this.source = source;
        this.format = format;
    }

    /** A file that is read when its rows are asked for, which must all be right. */
    public Table(Path file, TableFormat format) {
        this(DataSource.of(file), format);
    }

    /** What people call it. */
    public String name() {
        return source.name();
    }

    /**
     * Goes through the rows, until {@code more} has enough of what is made of them.
     *
     * @param columns what each row is asked for
     * @param make of a row what is wanted; refuses one that is wrong by {@link Row#error}, and does nothing else
     * @param more takes it, and says whether it wants the next
     * @throws InputException if a file is missing, no file or no text, of an unknown ending, lacks a column, has other
     *             columns than the first, or a carriage return alone; of a row, as {@link BadRows} has it, if it has
     *             too few or too many fields, or {@code make} refuses it; if more than half are left out
     */
    public <T> void rows(List<String> columns, Function<Row, T> make, Predicate<? super T> more) {
        requireOneHeader();
        source.read((file, rows) -> new TableFile(file, format).rows(columns, rows::leaveOut,
                row -> rows.take(row, row.line(), make, more)));
    }

    /** JSON lines may leave out what is null, so that their rows tell what is missing. */
    private void requireOneHeader() {
        Path first = null;
        List<String> expected = List.of();
        for (Path file : source.files().size() == 1 ? List.<Path>of() : source.files()) {
            TableFile table = new TableFile(file, format);
            List<String> own = table.isJson() ? List.of() : table.columns();
            if (first == null && !own.isEmpty()) {
                first = file;
                expected = own;
            } else if (first != null && !own.isEmpty() && !new HashSet<>(own).equals(new HashSet<>(expected))) {
                throw new InputException(file, "columns", "are " + Shown.names(own) + ", and those of " + first
                        + " are " + Shown.names(expected) + ": files that are read together have the same");
            }
        }
    }

    /**
     * The columns that there are: the names in the header, numbers from 1 where there is none, in JSON lines the fields
     * of the first; none in a file without a row. Those of the first file.
     *
     * @throws InputException as {@link #rows}
     */
    public List<String> columns() {
        requireOneHeader();
        return new TableFile(source.files().getFirst(), format).columns();
    }

    /**
     * The rows as examples.
     *
     * @param targets the columns of the target, by which {@code target} asks a row
     * @throws InputException as {@link #rows}, if there is no example, or if they take more than half of the memory
     */
    public <X, Y> Samples<X, Y> samples(Input<X> input, List<String> targets, Function<Row, Y> target) {
        KeptText kept = new KeptText(Runtime.getRuntime().maxMemory());
        List<X> inputs = new ArrayList<>();
        List<Y> wanted = new ArrayList<>();
        rows(together(input, targets), row -> Sample.of(row, input, target), sample -> {
            inputs.add(sample.input);
            wanted.add(sample.target);
            kept.add(sample.row);
            return true;
        });
        if (inputs.isEmpty()) {
            throw error("examples", "there are none");
        }
        return new Samples<>(name(), inputs, wanted);
    }

    /**
     * The rows as examples that are not kept.
     *
     * @param targets the columns of the target, by which {@code target} asks a row
     * @param how says what {@code target} does to them
     */
    public <X, Y> StreamedExamples<X, Y> stream(Input<X> input, List<String> targets, String how,
            Function<Row, Y> target) {
        List<String> columns = together(input, targets);
        return new StreamedExamples<>(source, () -> origin(columns) + " " + how, more -> rows(columns,
                row -> Sample.of(row, input, target), sample -> more.test(sample.input, sample.target)));
    }

    private static List<String> together(Input<?> input, List<String> targets) {
        List<String> columns = new ArrayList<>(input.columns());
        columns.addAll(targets);
        return columns;
    }

    /** What is made of a row. */
    private record Sample<X, Y>(Row row, X input, Y target) {
        static <X, Y> Sample<X, Y> of(Row row, Input<X> input, Function<Row, Y> target) {
            return new Sample<>(row, input.reader().apply(row), target.apply(row.from(input.columns().size())));
        }
    }

    /** The content, and how it is read. */
    private String origin(List<String> columns) {
        return source.sha256() + " " + source.files().stream().map(file -> new TableFile(file, format).ending())
                .distinct().toList() + " " + format + " " + columns;
    }

    /** A fault of all of it. */
    InputException error(String place, String rule) {
        return source.error(place, rule);
    }
}
