package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.provider.Arguments;

/** Spoils a task, and returns the command line that must notice. */
interface Fault {
    String[] make(TinyTask task, Path out) throws IOException;

    /** Spoils what a run left. */
    interface Spoiler {
        void spoil(TinyTask task, Path run) throws IOException;
    }

    /** @param expected in the message, with {@code %} for the test's directory */
    static Arguments fault(String expected, Fault fault) {
        return arguments(expected, fault);
    }

    /** With {@code %} for the folder of a run, which is spoilt. */
    static Arguments run(String expected, String command, Spoiler spoiler) {
        return fault(expected.replace("%", "%/out/run"), (task, out) -> {
            assertThat(Outcome.of(task.finetune(out, "--epochs", "1")).status()).isZero();
            spoiler.spoil(task, out);
            return command.replace("%", out.toString()).split(" ");
        });
    }

    static Arguments run(String expected, String command) {
        return run(expected, command, (_, _) -> {});
    }

    static void replace(Path file, String part, String replacement) throws IOException {
        Files.writeString(file, replaced(Files.readString(file), part, replacement));
    }

    static String replaced(String text, String part, String replacement) {
        assertThat(text).contains(part);
        return text.replace(part, replacement);
    }
}
