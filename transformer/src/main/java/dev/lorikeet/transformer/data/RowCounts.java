package dev.lorikeet.transformer.data;

import java.nio.file.Path;
import java.util.List;

/**
 * What was found in files.
 *
 * @param files in their order
 * @param faults the first of those that rows were left out for, each with file and line
 */
public record RowCounts(List<OfFile> files, List<String> faults) {
    /** Of what is in no file. */
    public static final RowCounts NONE = new RowCounts(List.of(), List.of());

    /**
     * One of the files.
     *
     * @param rows that were read; sentences where tokens have tags
     * @param skipped how many more were wrong, and left out
     */
    public record OfFile(Path file, int rows, int skipped) {}

    public RowCounts {
        files = List.copyOf(files);
        faults = List.copyOf(faults);
    }

    /** All rows that were read. */
    public long rows() {
        return files.stream().mapToLong(OfFile::rows).sum();
    }

    /** All rows that were left out. */
    public long skipped() {
        return files.stream().mapToLong(OfFile::skipped).sum();
    }
}
