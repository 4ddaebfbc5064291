package dev.lorikeet.autograd.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The parameters of a {@link Module} as a table to print. */
final class Summary {
    private static final String[] HEADINGS = {"Parameter", "Shape", "Elements", "", "Memory"};
    /** Of a float32. */
    private static final int BYTES = 4;

    private Summary() {}

    static String of(Map<String, Parameter> parameters) {
        List<String[]> rows = new ArrayList<>(List.<String[]>of(HEADINGS));
        long[] elements = new long[2];
        parameters.forEach((name, parameter) -> {
            int size = parameter.shape().size();
            elements[parameter.requiresGradient() ? 1 : 0] += size;
            rows.add(row(name, parameter.shape().toString(), size,
                    parameter.requiresGradient() ? "trained" : "frozen"));
        });
        rows.add(row("trained", "", elements[1], ""));
        rows.add(row("frozen", "", elements[0], ""));
        rows.add(row("total", "", elements[0] + elements[1], ""));
        return table(rows)
                + "Memory of the values; training needs as much again for the gradients of what is trained, and "
                + "its optimizer's state.\n";
    }

    private static String[] row(String name, String shape, long elements, String state) {
        return new String[] {name, shape, String.format(Locale.ROOT, "%,d", elements), state,
            memory(elements * BYTES)};
    }

    private static String memory(long bytes) {
        return bytes < 1 << 20 ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
                : String.format(Locale.ROOT, "%.1f MiB", bytes / (1024.0 * 1024));
    }

    /** Numbers to the right, words to the left. */
    private static String table(List<String[]> rows) {
        int[] widths = new int[HEADINGS.length];
        for (String[] row : rows) {
            Arrays.setAll(widths, i -> Math.max(widths[i], row[i].length()));
        }
        String format = String.format(Locale.ROOT, "%%-%ds  %%-%ds  %%%ds  %%-%ds  %%%ds", widths[0], widths[1],
                widths[2], Math.max(1, widths[3]), widths[4]);
        StringBuilder table = new StringBuilder();
        for (String[] row : rows) {
            table.append(String.format(Locale.ROOT, format, (Object[]) row).stripTrailing()).append('\n');
        }
        return table.toString();
    }
}
