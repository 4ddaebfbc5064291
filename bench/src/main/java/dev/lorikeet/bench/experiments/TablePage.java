package dev.lorikeet.bench.experiments;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A Markdown page with a table that is made, and text around it that people may change. */
final class TablePage {

    private TablePage() {}

    /**
     * Puts a table into a page between its marks, which is begun where there is none.
     *
     * @param beginning of a page that is new
     * @param name in the marks
     * @throws InputException if there is a page without a place for it, or it cannot be written
     */
    static void put(String beginning, String name, String table, Path file) {
        String opening = "<!-- " + name + " -->\n";
        String closing = "<!-- /" + name + " -->\n";
        String page = beginning + opening + closing;
        try {
            if (Files.exists(file)) {
                page = Files.readString(file);
            }
        } catch (IOException e) {
            throw new InputException(file, "open", "cannot be read: " + e);
        }
        int begin = page.indexOf(opening);
        int end = page.indexOf(closing);
        if (begin < 0 || end < begin) {
            throw new InputException(file, "table", "the page has no place for it: a line " + opening.strip()
                    + ", and below it a line " + closing.strip());
        }
        AtomicFile.write(file, page.substring(0, begin + opening.length()) + table + page.substring(end));
    }
}
