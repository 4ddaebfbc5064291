package dev.lorikeet.transformer.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Writes a file whole or not at all: into a temporary sibling first, which then takes the file's name. */
public final class AtomicFile {
    private static final AtomicLong COUNTER = new AtomicLong();

    /** Writes the content of a file. */
    @FunctionalInterface
    public interface Body {
        void writeTo(FileChannel channel) throws IOException;
    }

    private AtomicFile() {}

    /**
     * Writes {@code file}, creating its directory where needed. After an error the file is as it was.
     *
     * @throws InputException if the file cannot be written
     */
    public static void write(Path file, Body body) {
        Path temporary = temporarySibling(file);
        Path folder = Objects.requireNonNull(temporary.toAbsolutePath().getParent());
        try {
            Files.createDirectories(folder);
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE)) {
                body.writeTo(channel);
                channel.force(true);
            }
            move(temporary, file);
            flushDirectory(folder);
        } catch (IOException e) {
            throw new InputException(file, "write", "cannot be written: "
                    + (e.getClass() == IOException.class ? e.getMessage() : e)); // others say which kind they are
        } finally {
            deleteQuietly(temporary);
        }
    }

    /** As {@link #write(Path, Body)}, with text as UTF-8; half a surrogate pair has none and cannot be written. */
    public static void write(Path file, String text) {
        write(file, channel -> {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        });
    }

    /** A path beside {@code path} that no other thread or process uses, for what is not finished yet. */
    public static Path temporarySibling(Path path) {
        return path.resolveSibling("." + path.getFileName() + "." + ProcessHandle.current().pid() + "-"
                + COUNTER.incrementAndGet() + ".tmp");
    }

    /** The {@link #temporarySibling}s of a file that processes have left which were killed while they wrote it. */
    public static List<Path> leftovers(Path file) throws IOException {
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> entry.getFileName().toString()
                    .matches("\\." + Pattern.quote(file.getFileName().toString()) + "\\.\\d+-\\d+\\.tmp")).toList();
        }
    }

    /** The id of the process that a leftover is of. */
    public static long process(Path leftover) {
        String name = leftover.getFileName().toString();
        String id = name.substring(0, name.lastIndexOf('-'));
        return Long.parseLong(id.substring(id.lastIndexOf('.') + 1));
    }

    /** Gives a file or folder another name, in one step where the file system can; a file of that name is replaced. */
    public static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** So that the new name outlives a loss of power, where the system has that for directories; Windows has not. */
    private static void flushDirectory(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            System.getLogger(AtomicFile.class.getName()).log(System.Logger.Level.DEBUG,
                    () -> "not flushed: " + directory, e);
        }
    }

    private static void deleteQuietly(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            System.getLogger(AtomicFile.class.getName()).log(System.Logger.Level.DEBUG,
                    () -> "left behind: " + temporary, e);
        }
    }
}
