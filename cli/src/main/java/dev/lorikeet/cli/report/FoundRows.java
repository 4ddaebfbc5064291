package dev.lorikeet.cli.report;

import dev.lorikeet.transformer.data.RowCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What was found in the files of a part of the data.
 *
 * @param part its name: {@code train}; empty where there is but one
 */
public record FoundRows(String part, RowCounts counts) {
    /** So many files have a place on a screen. */
    private static final int SHOWN = 6;

    /** Whether there is more to say than that all examples are from one file. */
    public boolean isNews() {
        return counts.files().size() > 1 || counts.skipped() > 0;
    }

    /** Says which files were read where there are several, and which rows were left out. */
    public void tell(Terminal terminal) {
        String of = part.isEmpty() ? "" : part + ": ";
        if (counts.files().size() > 1) {
            int more = counts.files().size() - SHOWN;
            terminal.field("Files", of + counts.files().stream().limit(SHOWN)
                    .map(file -> file.file() + " " + Format.count(file.rows(), "row", "rows"))
                    .collect(Collectors.joining(", "))
                    + (more > 0 ? " and " + Format.count(more, "more", "more") : ""));
        }
        if (counts.skipped() > 0) {
            terminal.field("Left out", of + leftOut());
            counts.faults().forEach(fault -> terminal.line("  " + fault));
        }
    }

    /** How many rows were wrong. */
    String leftOut() {
        return Format.count(counts.skipped()) + " of " + Format.count(counts.rows() + counts.skipped(), "row", "rows")
                + ", which " + (counts.skipped() == 1 ? "is" : "are") + " wrong"
                + (counts.skipped() > counts.faults().size() ? "; the first" : "");
    }

    /** A row of a table for each file. */
    List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        for (RowCounts.OfFile file : counts.files()) {
            rows.add(List.of(file.file().toString(), part, Format.count(file.rows()), Format.count(file.skipped())));
        }
        return rows;
    }
}
