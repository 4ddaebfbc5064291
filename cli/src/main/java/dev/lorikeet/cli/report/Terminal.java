package dev.lorikeet.cli.report;

import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where the command reads and prints.
 *
 * @param in texts to work on
 * @param out results
 * @param err faults
 * @param interactive whether a person types {@code in} and watches {@code out}, so that a line may be drawn anew
 */
public record Terminal(InputStream in, PrintStream out, PrintStream err, boolean interactive) {
    private static final int UNKNOWN_WIDTH = 80;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

    /** That of this process. */
    public static Terminal system() {
        Console console = System.console();
        return new Terminal(System.in, System.out, System.err, console != null && console.isTerminal());
    }

    /** How many letters a line of this process's terminal has; 80 where nobody knows. */
    public int width() {
        try {
            Process stty = new ProcessBuilder("stty", "size").redirectInput(ProcessBuilder.Redirect.INHERIT).start();
            String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            int columns = Integer.parseInt(size.strip().replaceFirst("\\d+ ", ""));
            return columns > 0 ? columns : UNKNOWN_WIDTH;
        } catch (IOException | NumberFormatException e) {
            return UNKNOWN_WIDTH;
        }
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
