package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.cli.report.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What a command printed, and how it ended. */
record Outcome(int status, String out, String err) {
    static Outcome of(String... arguments) {
        return ofInput(new byte[0], arguments);
    }

    /** With bytes on standard input. */
    static Outcome ofInput(byte[] input, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(new Terminal(new ByteArrayInputStream(input), stream(out), stream(err)),
                arguments);
        return new Outcome(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Fails unless this is one line that contains {@code expected}, and the status of wrong input. */
    void requireRefusal(String expected) {
        assertThat(err).startsWith("lorikeet: ").contains(expected).endsWith("\n").hasLineCount(1);
        assertThat(status).isEqualTo(2);
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, false, StandardCharsets.UTF_8);
    }
}
