package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Texts that a user gives, on the command line or one on each line of standard input. */
final class TextLines {
    private TextLines() {}

    /** @throws InputException if one of the command line is empty */
    static void require(List<String> texts) {
        if (texts.stream().anyMatch(String::isBlank)) {
            throw new InputException("TEXT: must not be empty");
        }
    }

    /** Hands over each line, until there is none, or nobody reads what is made of them. */
    static void forEach(Terminal terminal, Consumer<String> show) {
        if (terminal.interactive()) {
            terminal.err().println("One text on a line; Ctrl-D ends.");
        }
        // Not closed: standard input is not this command's.
        BufferedReader lines = new BufferedReader(
                new InputStreamReader(terminal.in(), StandardCharsets.UTF_8.newDecoder()));
        try {
            for (@Nullable
            String line = lines.readLine(); line != null && !terminal.out().checkError(); line = lines.readLine()) {
                show.accept(line);
            }
        } catch (CharacterCodingException e) {
            throw new InputException("standard input: is not UTF-8");
        } catch (IOException e) {
            throw new UncheckedIOException("standard input", e);
        }
    }
}
