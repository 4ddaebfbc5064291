package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Lines that a person types, or that come from a file. On a terminal Ctrl-C does not end the program while this is
 * open: the terminal is told to send it as the end of a line, so that whoever works between two lines can see that it
 * came. Where there is no {@code stty}, it ends the program as ever.
 */
final class Keyboard implements AutoCloseable {
    private static final int CTRL_C = 3;

    private final InputStream in;
    /** How the terminal was, for {@code stty}; empty where it was left alone. */
    private final String before;
    private final Thread restorer = new Thread(this::restore);
    private final ByteArrayOutputStream typed = new ByteArrayOutputStream();
    private final Deque<String> lines = new ArrayDeque<>();
    private boolean interrupted;

    private Keyboard(InputStream in, String before) {
        this.in = in;
        this.before = before;
    }

    static Keyboard open(Terminal terminal) {
        String before = terminal.interactive() ? stty("-g") : "";
        if (!before.isEmpty()) {
            stty("intr", "undef", "eol", "^C");
        }
        Keyboard keyboard = new Keyboard(terminal.in(), before);
        Runtime.getRuntime().addShutdownHook(keyboard.restorer);
        return keyboard;
    }

    /** What {@code stty} says; empty where it does not work. */
    private static String stty(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "stty";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        try {
            Process process = new ProcessBuilder(command).redirectInput(Redirect.INHERIT)
                    .redirectError(Redirect.DISCARD).start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            return ""; // Windows has none
        }
    }

    private void restore() {
        if (!before.isEmpty()) {
            stty(before);
        }
    }

    /**
     * The next line; an empty one where Ctrl-C takes back what was typed, null at the end.
     *
     * @throws CharacterCodingException if it is not UTF-8
     */
    @Nullable
    String line() throws IOException {
        interrupted = false;
        while (lines.isEmpty()) {
            int next = in.read();
            if (next < 0) {
                return typed.size() == 0 ? null : taken();
            }
            take(next);
            if (interrupted) {
                return "";
            }
        }
        return lines.remove();
    }

    /** Whether Ctrl-C was pressed since the last line. */
    boolean interrupted() {
        try {
            while (!interrupted && in.available() > 0) {
                take(in.read());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("standard input", e);
        }
        return interrupted;
    }

    private void take(int next) throws CharacterCodingException {
        if (next == CTRL_C) {
            typed.reset();
            lines.clear();
            interrupted = true;
        } else if (next == '\n') {
            lines.add(taken());
        } else {
            typed.write(next);
        }
    }

    private String taken() throws CharacterCodingException {
        byte[] bytes = typed.toByteArray();
        typed.reset();
        String line = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }

    /** The terminal is again what it was. */
    @Override
    public void close() {
        restore();
        Runtime.getRuntime().removeShutdownHook(restorer);
    }
}
