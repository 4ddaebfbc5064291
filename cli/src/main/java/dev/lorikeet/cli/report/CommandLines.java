package dev.lorikeet.cli.report;

import dev.lorikeet.transformer.io.Printable;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Command lines of Lorikeet that a person may copy, as a shell reads them. */
public final class CommandLines {
    private CommandLines() {}

    /** The command as the user called it: the launcher says how, as it may be anywhere. */
    public static String command() {
        return quoted(System.getProperty("lorikeet.command", "lorikeet"));
    }

    /** The command with arguments. */
    public static String of(String... arguments) {
        return command() + " " + Arrays.stream(arguments).map(CommandLines::quoted).collect(Collectors.joining(" "));
    }

    static String quoted(String word) {
        String shown = Printable.of(word);
        if (shown.matches("(?U)[\\w./:=@%+,-]+")) {
            return shown;
        }
        return shown.matches("[^\"$`\\\\!]*") ? "\"" + shown + "\"" : "'" + shown.replace("'", "'\\''") + "'";
    }
}
