package dev.lorikeet.transformer.data;

import org.jspecify.annotations.Nullable;

/**
 * How the rows of a {@link TableFile} stand in it.
 *
 * @param header whether the first line of a table has the names of the columns; where not, they are numbers from 1
 * @param delimiter what stands between the fields of a table; null: a tab in {@code .tsv}, a comma in {@code .csv}
 */
public record TableFormat(boolean header, @Nullable Character delimiter) {
    /** With a header, and the delimiter that the file's ending says. */
    public static final TableFormat STANDARD = new TableFormat(true, null);

    /** @throws IllegalArgumentException if nothing could be delimited */
    public TableFormat {
        if (delimiter != null && "\"\r\n".indexOf(delimiter) >= 0) {
            throw new IllegalArgumentException("table: a quote or a line end cannot be a delimiter");
        }
    }

    /** Whether this can be the column of a table without a header. */
    public static boolean isNumber(String column) {
        return column.matches("[1-9][0-9]{0,8}");
    }
}
