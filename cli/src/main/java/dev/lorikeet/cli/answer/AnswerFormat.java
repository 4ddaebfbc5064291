package dev.lorikeet.cli.answer;

import dev.lorikeet.transformer.io.InputException;
import java.nio.file.Path;
import java.util.Locale;

/** How answers are written. */
public enum AnswerFormat {
    /** As a person reads them. */
    TEXT("txt"),
    /** A JSON object on a line. */
    JSONL("jsonl"),
    /** A table with a header, as RFC 4180 has it, with one line feed after each row. */
    CSV("csv");

    private final String ending;

    AnswerFormat(String ending) {
        this.ending = ending;
    }

    /**
     * The one that a file's ending says.
     *
     * @throws InputException if it says none
     */
    public static AnswerFormat of(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        for (AnswerFormat format : values()) {
            if (name.endsWith("." + format.ending)) {
                return format;
            }
        }
        throw new InputException(file, "--output",
                "the ending .txt, .jsonl or .csv says how answers are written, or else --format");
    }
}
