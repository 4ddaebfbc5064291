package dev.lorikeet.cli.answer;

import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers questions by batches, and writes them in their order.
 *
 * @param cellNames what the cells of an answer are called in a table
 * @param answer an answer for each question of a batch, none of which is empty
 */
public record Answering(List<String> cellNames, Function<List<Question>, List<Answer>> answer) {
    /** So many are answered together; more keep no processor busier. */
    private static final int BATCH = 64;
    private static final long REDRAW = 500_000_000L;

    /**
     * Answers to the terminal, until nobody reads there any more.
     *
     * @param batch how many to wait for: 1 where a person types them
     */
    public void toTerminal(Supplier<Questions> questions, AnswerFormat format, Terminal terminal, boolean typed) {
        run(questions.get(), AnswerWriter.of(format, terminal, cellNames), typed ? 1 : BATCH,
                _ -> !terminal.out().checkError());
    }

    /**
     * Answers to a file, which is written whole or not at all; the terminal shows how far it is.
     *
     * @param read the file that questions come from, or null
     * @throws InputException if the file cannot be written, or is the one that is read
     */
    public void toFile(Supplier<Questions> questions, AnswerFormat format, Path file, @Nullable Path read,
            Terminal terminal) {
        requirePlace(file, read);
        long start = System.nanoTime();
        long[] drawn = {start};
        long[] count = new long[1];
        AtomicFile.write(file, channel -> {
            PrintStream out = new PrintStream(new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16),
                    false, StandardCharsets.UTF_8);
            run(questions.get(), AnswerWriter.of(format, new Terminal(terminal.in(), out, terminal.err()), cellNames),
                    BATCH, done -> {
                        count[0] += done;
                        long now = System.nanoTime();
                        if (terminal.interactive() && now - drawn[0] > REDRAW) {
                            drawn[0] = now;
                            terminal.err().print("\r" + told(count[0], now - start));
                        }
                        return true; // what cannot be written is told below
                    });
            if (out.checkError()) {
                throw new IOException("the disk is full, or its device is gone");
            }
        });
        if (terminal.interactive()) {
            terminal.err().println("\r" + told(count[0], System.nanoTime() - start) + ", written to " + file);
        }
    }

    private static String told(long count, long nanos) {
        return Format.count(count, "text", "texts") + ", " + Format.count(Math.round(count / (nanos * 1e-9)))
                + " a second";
    }

    static void requirePlace(Path file, @Nullable Path read) {
        try {
            if (Files.isDirectory(file)) {
                throw new InputException(file, "--output", "is a folder, a file is expected");
            }
            if (read != null && Files.exists(file) && Files.isSameFile(file, read)) {
                throw new InputException(file, "--output", "is the file that is read");
            }
        } catch (IOException e) {
            throw new InputException(file, "--output", "cannot be read: " + e);
        }
    }

    /** Hears of each batch. */
    @FunctionalInterface
    private interface AfterBatch {
        /** Whether there is to be another. */
        boolean goesOn(int answered);
    }

    private void run(Questions questions, AnswerWriter writer, int batch, AfterBatch after) {
        List<Question> waiting = new ArrayList<>(batch);
        questions.forEach(question -> {
            waiting.add(question);
            return waiting.size() < batch || after.goesOn(write(waiting, writer));
        });
        after.goesOn(write(waiting, writer));
    }

    private int write(List<Question> waiting, AnswerWriter writer) {
        List<Question> asked = waiting.stream().filter(question -> !question.texts().isEmpty()).toList();
        List<Answer> answers = asked.isEmpty() ? List.of() : answer.apply(asked);
        int next = 0;
        for (Question question : waiting) {
            writer.write(question, question.texts().isEmpty() ? null : answers.get(next++));
        }
        int done = waiting.size();
        waiting.clear();
        return done;
    }
}
