package dev.lorikeet.transformer.data;

import org.jspecify.annotations.Nullable;

/**
 * How the rows of a {@link DataFile} are read.
 *
 * @param textColumn the column of the texts: its name, or in a table without a header its number from 1
 * @param labelColumn the column of the labels
 * @param header whether the first line of a table has the names of the columns
 * @param delimiter what stands between the fields of a table; null: a tab in {@code .tsv}, a comma in {@code .csv}
 */
public record TableFormat(String textColumn, String labelColumn, boolean header, @Nullable Character delimiter) {
    /** With a header, and the delimiter that the file's ending says. */
    public TableFormat(String textColumn, String labelColumn) {
        this(textColumn, labelColumn, true, null);
    }

    /**
     * @throws IllegalArgumentException if there is no header and a column is no number, or nothing could be delimited
     */
    public TableFormat {
        if (!header && !(isNumber(textColumn) && isNumber(labelColumn))) {
            throw new IllegalArgumentException("table: without a header, columns are numbers from 1 on, not \""
                    + textColumn + "\" and \"" + labelColumn + "\"");
        }
        if (delimiter != null && "\"\r\n".indexOf(delimiter) >= 0) {
            throw new IllegalArgumentException("table: a quote or a line end cannot be a delimiter");
        }
    }

    /** Whether this can be the column of a table without a header. */
    public static boolean isNumber(String column) {
        return column.matches("[1-9][0-9]{0,8}");
    }
}
