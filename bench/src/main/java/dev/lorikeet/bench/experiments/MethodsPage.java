package dev.lorikeet.bench.experiments;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A Markdown page with a table that is made, and text around it that people may change. */
final class MethodsPage {
    private static final String BEGIN = "<!-- methods -->\n";
    private static final String END = "<!-- /methods -->\n";
    private static final String PAGE = """
            # Methods compared

            Every method fine-tunes the same model on the same task with the same examples in the same order; what
            differs is what of the encoder is trained. LoRA and rsLoRA put adapters of the rank given on every linear
            layer and freeze the rest. AdaLoRA begins with more and drops the terms that matter least while it trains;
            AutoLoRA searches for each layer's rank on two halves of the training examples, then trains anew on all of
            them, and its time is that of both. Full fine-tuning trains every weight. All train the classifier's head,
            too. Each accuracy is that on the test examples after the last epoch, with no choice among epochs; ranks
            that were found stand as their mean.

            `./lorikeet bench experiment methods` makes the table; `--help` says how. What stands outside of it is kept.

            """;

    private MethodsPage() {}

    /**
     * Puts the table into the page, which is begun where there is none.
     *
     * @throws InputException if there is a page without a place for it, or it cannot be written
     */
    static void put(String table, Path file) {
        String page = PAGE + BEGIN + END;
        try {
            if (Files.exists(file)) {
                page = Files.readString(file);
            }
        } catch (IOException e) {
            throw new InputException(file, "open", "cannot be read: " + e);
        }
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new InputException(file, "table", "the page has no place for it: a line " + BEGIN.strip()
                    + ", and below it a line " + END.strip());
        }
        AtomicFile.write(file, page.substring(0, begin + BEGIN.length()) + table + page.substring(end));
    }
}
