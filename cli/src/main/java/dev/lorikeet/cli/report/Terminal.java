package dev.lorikeet.cli.report;

import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.Printable;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Where the command reads and prints. What is printed may hold anything that files hold, and is made {@link Printable}
 * here.
 *
 * @param in texts to work on
 * @param out results; what is written there as it stands must be printable
 * @param err faults
 * @param interactive whether a person types {@code in} and watches {@code out}, so that a line may be drawn anew
 * @param width how many letters a line of {@code out} has room for; 0 where it is no terminal
 */
public record Terminal(InputStream in, PrintStream out, PrintStream err, boolean interactive, int width) {
    private static final int UNKNOWN_WIDTH = 80;
    private static final int NAME = 12;
    private static final String CYAN = "\u001B[36m";
    private static final String GREEN = "\u001B[32m";
    private static final String DIM = "\u001B[2m";
    private static final String PLAIN = "\u001B[0m";
    private static final Pattern COLOUR = Pattern.compile("\u001B\\[\\d+m");
    private static final Pattern SECOND_COLUMN = Pattern.compile(" *\\S+(?: \\S+)* {2,}");
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

    /** One that is no terminal: a file or a pipe. */
    public Terminal(InputStream in, PrintStream out, PrintStream err) {
        this(in, out, err, false, 0);
    }

    /** The same, but that what is told goes where faults do, beside results. */
    public Terminal aside() {
        return new Terminal(in, err, err, interactive, width);
    }

    /** That of this process. */
    public static Terminal system() {
        Console console = System.console();
        boolean interactive = console != null && console.isTerminal();
        return new Terminal(System.in, System.out, System.err, interactive, interactive ? columns() : 0);
    }

    private static int columns() {
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

    /** A bar for so many steps, that goes when it is done. */
    public ProgressBarBuilder progress(String name, long steps) {
        return new ProgressBarBuilder().setTaskName("  " + name).setInitialMax(steps)
                .setStyle(out.charset().equals(StandardCharsets.UTF_8) ? ProgressBarStyle.UNICODE_BLOCK
                        : ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200).clearDisplayOnFinish()
                // without a width the library asks JLine, which takes the JVM's signals: Ctrl-C would end it at once
                .setConsumer(new ConsoleProgressBarConsumer(out, width - 1));
    }

    /** An empty line. */
    public void line() {
        out.println();
    }

    /** A line; one that is wider than the terminal goes on below, in its second column or a little further in. */
    public void line(String text) {
        String shown = Printable.of(text);
        Matcher column = SECOND_COLUMN.matcher(shown);
        int indent = shown.length() - shown.stripLeading().length() + 2;
        out.println(folded(shown, column.lookingAt() && column.end() < width / 2 ? column.end() : indent));
    }

    /** A line made as {@link String#format}, the same in every locale. */
    public void row(String format, Object... values) {
        line(String.format(Locale.ROOT, format, values));
    }

    /**
     * Rows of as many cells each, the first of which names the columns; the first cell of each to the left, the others
     * to the right. Where the terminal has no room for that, each row is a list of its cells under its first one.
     */
    public void table(List<List<String>> rows) {
        List<List<String>> printable = rows.stream().map(row -> row.stream().map(Printable::of).toList()).toList();
        int[] widths = new int[printable.getFirst().size()];
        for (List<String> row : printable) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        if (width > 0 && Arrays.stream(widths).map(own -> own + 2).sum() > width) {
            list(printable);
            return;
        }
        for (List<String> row : printable) {
            StringBuilder line = new StringBuilder("  ").append(row.getFirst())
                    .append(" ".repeat(widths[0] - row.getFirst().length()));
            for (int i = 1; i < widths.length; i++) {
                line.append(" ".repeat(2 + widths[i] - row.get(i).length())).append(row.get(i));
            }
            line(line.toString().stripTrailing());
        }
    }

    private void list(List<List<String>> rows) {
        List<String> head = rows.getFirst();
        int names = head.stream().skip(1).mapToInt(String::length).max().orElse(0);
        for (List<String> row : rows.subList(1, rows.size())) {
            line("  " + row.getFirst());
            for (int i = 1; i < row.size(); i++) {
                if (!row.get(i).isEmpty()) {
                    line("    " + head.get(i) + " ".repeat(names - head.get(i).length()) + "  " + row.get(i));
                }
            }
        }
    }

    /** Tokens with spaces between them; on a terminal, those that go on with a word or stand for none have a colour. */
    public void tokens(List<String> tokens) {
        StringBuilder line = new StringBuilder();
        for (String token : tokens) {
            String shown = Printable.of(token);
            if (line.length() > 0 && width > 0 && visible(line) + 1 + shown.length() > width - 2) {
                out.println("  " + line);
                line.setLength(0);
            }
            String colour = !coloured() ? ""
                    : token.startsWith("##") ? CYAN : token.matches("\\[\\w+]|<\\w+>|</s>") ? DIM : "";
            line.append(line.length() == 0 ? "" : " ").append(colour).append(shown)
                    .append(colour.isEmpty() ? "" : PLAIN);
        }
        out.println("  " + line);
    }

    /** Tokens with spaces between them, those that are learned in a colour, or without colours between » and «. */
    public void tokens(List<String> tokens, BitSet learned) {
        List<String> shown = new ArrayList<>(tokens.size());
        for (int i = 0; i < tokens.size(); i++) {
            boolean marks = !coloured() && learned.get(i);
            shown.add((marks && (i == 0 || !learned.get(i - 1)) ? "»" : "") + tokens.get(i)
                    + (marks && !learned.get(i + 1) ? "«" : ""));
        }
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < shown.size(); i++) {
            String token = Printable.of(shown.get(i));
            if (line.length() > 0 && width > 0 && visible(line) + 1 + token.length() > width - 2) {
                out.println("  " + line);
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ")
                    .append(!coloured() ? token : (learned.get(i) ? GREEN : DIM) + token + PLAIN);
        }
        out.println("  " + line);
    }

    /**
     * The lines of a text, indented, parts of it in a colour.
     *
     * @param marked the chars that are
     */
    public void marked(String text, BitSet marked) {
        int from = 0;
        for (String content : text.split("\n")) {
            StringBuilder line = new StringBuilder("  ");
            for (int i = 0; i < content.length();) {
                int end = Math.min(content.length(), marked.get(from + i) ? marked.nextClearBit(from + i) - from
                        : marked.nextSetBit(from + i) < 0 ? content.length() : marked.nextSetBit(from + i) - from);
                String part = Printable.of(content.substring(i, end));
                line.append(coloured() ? (marked.get(from + i) ? GREEN : DIM) + part + PLAIN : part);
                i = end;
            }
            out.println(line);
            from += content.length() + 1;
        }
    }

    private boolean coloured() {
        return interactive && System.getenv("NO_COLOR") == null;
    }

    private static int visible(CharSequence line) {
        return COLOUR.matcher(line).replaceAll("").length();
    }

    /** A JSON object on a line: in UTF-8 whatever the locale; an escape of what is not printable is JSON's, too. */
    public void json(Map<String, ?> object) {
        out.writeBytes((Printable.of(Json.writeLine(object).stripTrailing()) + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /** A part of a text, whose lines and tabs stay what they are; shown at once. */
    public void text(String part) {
        String[] lines = part.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            String[] columns = lines[i].split("\t", -1);
            for (int j = 0; j < columns.length; j++) {
                out.print((j == 0 ? "" : "\t") + Printable.of(columns[j]));
            }
            out.print(i + 1 < lines.length ? System.lineSeparator() : "");
        }
        out.flush();
    }

    /** Each line of {@code text}. */
    public void lines(String text) {
        text.lines().forEach(this::line);
    }

    /** A line with a name in front, as the head of every answer has them. */
    public void field(String name, String value) {
        String start = name + " ".repeat(Math.max(1, NAME - name.length()));
        out.println(folded(start + Printable.of(value), NAME));
    }

    /** A command line to copy. */
    public void command(String... words) {
        String line = "  " + CommandLines.of(words);
        int last = line.length() - CommandLines.quoted(words[words.length - 1]).length();
        out.println(width == 0 || line.length() <= width ? line
                : line.substring(0, last) + "\\" + System.lineSeparator() + "      " + line.substring(last));
    }

    /** A line about what is wrong. */
    public void fault(String text) {
        err.println("lorikeet: " + Printable.of(text));
    }

    /** As {@link #fault}, where a bar may be drawn and what was typed stands beside it: in one write, below both. */
    public void interruption(String text) {
        err.println((interactive ? System.lineSeparator() : "") + "lorikeet: " + Printable.of(text));
    }

    /** Broken at the last space that fits, so that words and columns stay whole. */
    private String folded(String line, int indent) {
        if (width == 0 || line.length() <= width) {
            return line;
        }
        int space = line.lastIndexOf(' ', width);
        String head = line.substring(0, Math.max(space, 0)).stripTrailing();
        String rest = space < 0 ? "" : line.substring(space).stripLeading();
        boolean fits = !head.isBlank() && head.length() > indent && indent < width / 2;
        return fits && !rest.isEmpty()
                ? head + System.lineSeparator() + folded(" ".repeat(indent) + rest, indent)
                : line;
    }
}
