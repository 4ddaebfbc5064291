package dev.lorikeet.transformer.io;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Function;

/** Makes paths of the names that users and files give: not every text is one, and which are depends on the locale. */
public final class FileNames {
    /** The encoding of the names of files and of the command line, which is the locale's. */
    private static final String ENCODING = System.getProperty("sun.jnu.encoding", "");

    private FileNames() {}

    /**
     * The path {@code name}, which starts from {@code folder} where it is relative.
     *
     * @param error makes the error of the rule that {@code name} breaks
     * @throws InputException if it is no path on this machine
     */
    public static Path resolve(Path folder, String name, Function<String, InputException> error) {
        try {
            return folder.resolve(name);
        } catch (InvalidPathException e) {
            boolean text = name.indexOf('\0') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(name);
            throw error.apply("\"" + name + "\" is no name of a file" + (text && !hasAllLetters()
                    ? " in the locale's encoding" + advice()
                    : ": " + e.getReason()));
        }
    }

    /** As {@link #resolve}, from the working directory, for a name that a user gave as {@code what}. */
    public static Path of(String name, String what) {
        return resolve(Path.of(""), name, rule -> new InputException(what + ": " + rule));
    }

    /**
     * Refuses a word of the command line in which Java found no text.
     *
     * @param what names it
     * @throws InputException if it has U+FFFD, which stands for what could not be decoded
     */
    public static void requireDecoded(String word, String what) {
        if (word.indexOf('\uFFFD') >= 0) {
            throw new InputException(what + ": \"" + word + "\" is no text in the locale's encoding" + advice());
        }
    }

    private static boolean hasAllLetters() {
        return ENCODING.equals("UTF-8");
    }

    private static String advice() {
        return " (sun.jnu.encoding), " + ENCODING + (hasAllLetters() ? "" : ": LC_ALL=C.UTF-8 has all letters");
    }
}
