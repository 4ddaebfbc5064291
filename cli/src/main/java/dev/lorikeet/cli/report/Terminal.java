package dev.lorikeet.cli.report;

import java.io.Console;
import java.io.InputStream;
import java.io.PrintStream;

/**
 * Where the command reads and prints.
 *
 * @param in texts to work on
 * @param out results
 * @param err faults
 * @param interactive whether a person types {@code in} and watches {@code out}, so that a line may be drawn anew
 */
public record Terminal(InputStream in, PrintStream out, PrintStream err, boolean interactive) {
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

    /** That of this process. */
    public static Terminal system() {
        Console console = System.console();
        return new Terminal(System.in, System.out, System.err, console != null && console.isTerminal());
    }

    /** A bar of {@code share} of {@code width} letters, in blocks where the terminal has them. */
    public String bar(double share, int width) {
        if (!out.charset().newEncoder().canEncode('█')) {
            return "#".repeat((int) Math.round(share * width));
        }
        int eighths = (int) Math.round(share * width * 8);
        return "█".repeat(eighths / 8) + (eighths % 8 == 0 ? "" : EIGHTHS.charAt(eighths % 8));
    }

    /** A line with a name in front, as the head of every answer has them. */
    public void field(String name, String value) {
        out.println(name + " ".repeat(Math.max(1, 12 - name.length())) + value);
    }
}
