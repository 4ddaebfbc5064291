package dev.lorikeet.transformer.data;

import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Of which columns of a file an input is made, and how.
 *
 * @param <X> an input
 * @param columns their names, or in a table without a header their numbers from 1
 * @param reader of a row of these columns
 */
public record Input<X>(List<String> columns, Function<Row, X> reader) {
    public Input {
        columns = List.copyOf(columns);
    }

    /** A text. */
    public static Input<String> text(String column) {
        return new Input<>(List.of(column), row -> row.text(0));
    }

    /** Texts that are read each by itself, as a question and its answers. */
    public static Input<List<String>> texts(List<String> columns) {
        return new Input<>(columns, row -> IntStream.range(0, columns.size()).mapToObj(row::text).toList());
    }
}
