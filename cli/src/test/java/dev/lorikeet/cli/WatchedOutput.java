package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** What a command says, and what happens as soon as it has said something. */
final class WatchedOutput extends ByteArrayOutputStream {
    /** Breaks a run off where it stands, as a kill does. */
    static final class Broken extends Error {
        private static final long serialVersionUID = 1;
    }

    private final String text;
    private final Consumer<String> action;
    private boolean done;

    private WatchedOutput(String text, Consumer<String> action) {
        this.text = text;
        this.action = action;
    }

    /** Runs the command in this JVM; {@code action} once, when {@code text} is there, in the thread that says it. */
    static Outcome run(String text, Runnable action, String... arguments) {
        return run(text, _ -> action.run(), arguments);
    }

    /** The same, where the action wants what was said so far. */
    static Outcome run(String text, Consumer<String> action, String... arguments) {
        WatchedOutput out = new WatchedOutput(text, action);
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(new Terminal(InputStream.nullInputStream(), new PrintStream(out, false,
                StandardCharsets.UTF_8), new PrintStream(err, false, StandardCharsets.UTF_8)), arguments);
        return new Outcome(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
        super.write(bytes, from, length);
        if (!done && toString(StandardCharsets.UTF_8).contains(text)) {
            done = true;
            action.accept(toString(StandardCharsets.UTF_8));
        }
    }
}
