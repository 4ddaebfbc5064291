package dev.lorikeet.transformer.io;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Says that something the user gave is wrong: a file, a setting, a name.
 *
 * <p>The message is one line that says where the fault is and which rule it breaks, so that it can be shown to the user
 * as it stands, without a stack trace: {@code train.tsv: line 17: unknown label "anmial", known are animal, plant}. A
 * fault in Lorikeet itself is never an {@code InputException}.
 */
public final class InputException extends RuntimeException {

    private static final long serialVersionUID = 1L;
    /** More nobody reads: the beginning says where, the end says the rule. */
    private static final int MOST = 500;

    /**
     * A fault at a place in a file; the message is {@code file: place: rule}.
     *
     * @param file the file, named as the user named it
     * @param place where in the file: a line, a field, a tensor's name, a byte offset
     * @param rule what is wrong there, and what would be right
     */
    public InputException(Path file, String place, String rule) {
        super(oneLine(Objects.requireNonNull(file, "file") + ": " + Objects.requireNonNull(place, "place") + ": "
                + Objects.requireNonNull(rule, "rule")));
    }

    /**
     * A fault that no place in a file explains: a setting, an argument, a missing file.
     *
     * @param message what is wrong, and what would be right
     */
    public InputException(String message) {
        super(oneLine(Objects.requireNonNull(message, "message")));
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage(), "message");
    }

    /** What files hold may be long, have line breaks, or be meant for a terminal to obey. */
    private static String oneLine(String text) {
        return Printable.of(text, MOST);
    }
}
