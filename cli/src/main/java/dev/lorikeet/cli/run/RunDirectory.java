package dev.lorikeet.cli.run;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a run. Its files are written into a new folder beside it and moved in when all are there, so that it
 * holds a finished epoch at every moment; Ctrl-C waits while one is being written.
 */
final class RunDirectory implements AutoCloseable {
    private final Path directory;
    private final @Nullable Path replaced;
    private final ReentrantLock writing = new ReentrantLock();
    private final Thread onExit = new Thread(this::stop, "lorikeet-run-directory");
    private final Consumer<Boolean> whenStopped;
    private boolean written; // guarded by writing

    /**
     * Checks that the folder can be written, without writing anything.
     *
     * @param replaced a folder of an earlier run in there that must not stay beside the new files, or null
     * @param whenStopped what to do when the JVM is told to end before this is closed, once no epoch is being written; it
     *     hears whether one was written
     * @throws InputException if it is a file, or nothing can be written there
     */
    RunDirectory(Path directory, @Nullable Path replaced, Consumer<Boolean> whenStopped) {
        this.directory = directory;
        this.replaced = replaced;
        this.whenStopped = whenStopped;
        Path existing = directory.toAbsolutePath().normalize();
        while (existing.getParent() != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing)) {
            throw new InputException(directory, "--out", existing + " is a file, a folder is expected");
        }
        if (!Files.isWritable(existing)) {
            throw new InputException(directory, "--out", existing + " cannot be written to");
        }
        Runtime.getRuntime().addShutdownHook(onExit);
    }

    /**
     * Replaces the files of the run.
     *
     * @param writer writes them into the folder it is given
     * @throws InputException if a file cannot be written; the old ones are as they were then
     */
    void replace(Consumer<Path> writer) {
        Path fresh = AtomicFile.temporarySibling(directory);
        writing.lock();
        try {
            Files.createDirectories(fresh);
            writer.accept(fresh);
            if (replaced != null) {
                delete(replaced); // first: without an encoder the folder is refused, with two it would be misread
            }
            moveIn(fresh);
            written = true;
        } catch (IOException e) {
            throw new InputException(directory, "write", "cannot be written: " + e);
        } finally {
            deleteQuietly(fresh);
            writing.unlock();
        }
    }

    private void moveIn(Path fresh) throws IOException {
        if (!Files.exists(directory)) {
            AtomicFile.move(fresh, directory);
            return;
        }
        for (Path file : files(fresh)) {
            Path target = directory.resolve(fresh.relativize(file).toString());
            Files.createDirectories(target.getParent());
            AtomicFile.move(file, target);
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> tree = Files.walk(folder)) {
                for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    private static void deleteQuietly(Path folder) {
        try {
            delete(folder);
        } catch (IOException | UncheckedIOException e) {
            System.getLogger(RunDirectory.class.getName()).log(System.Logger.Level.DEBUG,
                    () -> "left behind: " + folder, e);
        }
    }

    /** Runs when the JVM ends. The lock is not given back: no further epoch is written. */
    private void stop() {
        writing.lock();
        whenStopped.accept(written);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException e) {
            // The JVM is ending already, and the hook is doing its work.
        }
    }
}
