package dev.lorikeet.cli.run;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A folder that one process at a time writes, and only whole. What is new is written into a hidden folder beside it,
 * which takes its name when all of it is there; Ctrl-C waits for that. What a killed process left beside it, the next
 * one tidies up.
 */
public final class OutputFolder implements AutoCloseable {
    private final Path name;
    private final Path directory;
    private final Set<String> own;
    private final List<String> endings;
    private final List<Path> made = new ArrayList<>();
    private final FolderLock lock;
    private final ReentrantLock writing = new ReentrantLock();
    private final Thread onExit = new Thread(this::stop, "lorikeet-output-folder");
    private volatile Runnable whenStopping = () -> {};
    private Runnable whenStopped = () -> {}; // guarded by writing

    /**
     * Takes the folder for this process; whether it holds anything is left to the caller.
     *
     * @param name the folder, there or not
     * @param own the names in it that are replaced; whatever else somebody has put there stays
     * @throws InputException if it is no folder of its own, cannot be written, or another process has it
     */
    public OutputFolder(Path name, Set<String> own) {
        this(name, own, List.of());
    }

    /** @param endings of the names of folders and files beside it that are written, too */
    OutputFolder(Path name, Set<String> own, List<String> endings) {
        this.name = name;
        this.own = own;
        this.endings = endings;
        this.directory = requirePlace();
        try {
            for (Path parent = parent(); parent != null && !Files.exists(parent); parent = parent.getParent()) {
                made.add(parent);
            }
            Files.createDirectories(parent());
            lock = FolderLock.take(hidden(directory, "lock")).orElseThrow(() -> error("another process is writing it"));
        } catch (IOException e) {
            throw error("cannot be written: " + e);
        }
        try {
            tidy();
            requireMovable();
        } catch (IOException e) {
            free();
            throw error("cannot be replaced as a whole: " + e);
        }
        Runtime.getRuntime().addShutdownHook(onExit);
    }

    /** Where it is: absolute, and without links. */
    private Path requirePlace() {
        if (name.toString().isBlank()) {
            throw new InputException("--out: must not be empty");
        }
        Path place = name.toAbsolutePath().normalize();
        Path existing = place;
        while (existing.getParent() != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing)) {
            throw error(existing + " is a file, a folder is expected");
        }
        Path parent = existing.equals(place) ? existing.getParent() : existing;
        if (parent == null || Path.of("").toAbsolutePath().startsWith(place)) {
            throw error("is the working directory or above it, a folder of its own is expected");
        }
        if (!Files.isWritable(parent)) {
            throw error(parent + " cannot be written to");
        }
        try {
            return existing.equals(place) ? place.toRealPath() : place;
        } catch (IOException e) {
            throw error("cannot be read: " + e);
        }
    }

    /** A mounted volume has no other name, which is better known before hours of training than after. */
    private void requireMovable() throws IOException {
        if (Files.exists(directory)) {
            Path aside = hidden(directory, "old");
            AtomicFile.move(directory, aside);
            AtomicFile.move(aside, directory);
        }
    }

    /** The error to throw for this folder. */
    public InputException error(String rule) {
        return new InputException(name, "--out", rule);
    }

    /** As the user calls it. */
    public Path name() {
        return name;
    }

    /** The folder beside this one with {@code ending} after its name, as the user would call it. */
    Path beside(String ending) {
        return name.resolveSibling(name.getFileName() + ending);
    }

    /** Whether {@code path} lies in what is replaced. */
    boolean replaces(Path path) {
        Path real = real(path);
        return own.stream().anyMatch(entry -> real.startsWith(directory.resolve(entry)));
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path.toAbsolutePath().normalize();
        }
    }

    /** Whether nothing but hidden files is in it. */
    public boolean isEmpty() {
        try {
            return !Files.exists(directory)
                    || entries(directory).stream().allMatch(entry -> entry.getFileName().toString().startsWith("."));
        } catch (IOException e) {
            throw error("cannot be read: " + e);
        }
    }

    boolean has(String entry) {
        return Files.exists(directory.resolve(entry));
    }

    /** What to do first when the JVM is told to end before this is closed: others may still write. */
    void whenStopping(Runnable action) {
        whenStopping = action;
    }

    /** What to do after that; nothing is being written then, and nothing will be. */
    void whenStopped(Runnable action) {
        writing.lock();
        whenStopped = action;
        writing.unlock();
    }

    /** As {@link #write(String, Consumer)}, this folder. */
    public void write(Consumer<Path> writer) {
        write("", writer);
    }

    /**
     * Writes a new folder and puts it in the place of the one that is there.
     *
     * @param ending of the name: nothing for this folder itself, else one beside it
     * @param writer writes the files into the folder it is given
     * @throws InputException if a file cannot be written; the old ones are as they were then
     */
    void write(String ending, Consumer<Path> writer) {
        Path fresh = hidden(directory, "writing");
        writing.lock();
        try {
            Files.createDirectory(fresh);
            writer.accept(fresh);
            put(fresh, place(ending), Set.of());
        } catch (IOException e) {
            throw new InputException(name, "write", "cannot be written: " + e);
        } finally {
            deleteQuietly(fresh);
            writing.unlock();
        }
    }

    /**
     * Writes a folder into one that {@link #write} writes, which keeps it when it is written again.
     *
     * @param ending of that one's name
     * @param entry where it goes in there, with {@code /} between names
     * @param writer writes the files into the folder it is given
     * @throws InputException if a file cannot be written; the old ones are as they were then
     */
    void writeInto(String ending, String entry, Consumer<Path> writer) {
        Path fresh = hidden(directory, "writing");
        writing.lock();
        try {
            Files.createDirectory(fresh);
            writer.accept(fresh);
            Path target = place(ending).resolve(entry);
            Files.createDirectories(Objects.requireNonNull(target.getParent()));
            delete(target);
            AtomicFile.move(fresh, target);
        } catch (IOException e) {
            throw new InputException(name.resolve(entry), "write", "cannot be written: " + e);
        } finally {
            deleteQuietly(fresh);
            writing.unlock();
        }
    }

    /** Whether there is a file or folder with {@code ending} after this one's name. */
    boolean hasBeside(String ending) {
        return Files.exists(place(ending));
    }

    /** Writes, or deletes, the file with {@code ending} after this folder's name. */
    void change(String ending, Consumer<Path> change) {
        writing.lock();
        try {
            change.accept(place(ending));
        } finally {
            writing.unlock();
        }
    }

    /** Deletes the file or folder with {@code ending} after this folder's name, if there is one. */
    void deleteBeside(String ending) {
        change(ending, place -> {
            try {
                delete(place);
            } catch (IOException e) {
                throw new InputException(place, "delete", "cannot be deleted: " + e);
            }
        });
    }

    /** The file with {@code ending}, by a name that reaches it wherever the user's own leads. */
    Path readable(String ending) {
        Path called = beside(ending);
        return Files.exists(called) && real(called).equals(real(place(ending))) ? called : place(ending);
    }

    /**
     * Puts what {@link #write} wrote beside this folder in its place.
     *
     * @param entries what {@link #writeInto} wrote, which goes with what is replaced
     */
    void replaceBy(String ending, Set<String> entries) {
        writing.lock();
        try {
            put(place(ending), directory, entries);
        } catch (IOException e) {
            throw new InputException(name, "write", "cannot be replaced, so that the new one is in " + beside(ending)
                    + ": " + e);
        } finally {
            writing.unlock();
        }
    }

    /**
     * A file system exchanges no two folders in one step: for a moment the old one is there under its hidden name
     * alone.
     */
    private void put(Path fresh, Path place, Set<String> gone) throws IOException {
        if (!Files.exists(place)) {
            AtomicFile.move(fresh, place);
            return;
        }
        Path old = hidden(place, "old");
        delete(old);
        AtomicFile.move(place, old);
        try {
            AtomicFile.move(fresh, place);
        } catch (IOException e) {
            AtomicFile.move(old, place);
            throw e;
        }
        keepOthers(old, place, gone);
    }

    /** After a process that was killed; under the lock, so that no other one is at work here. */
    private void tidy() throws IOException {
        delete(hidden(directory, "writing"));
        restore(directory);
        for (String ending : endings) {
            restore(place(ending));
            for (Path file : AtomicFile.leftovers(place(ending))) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** What had to make room for another one goes, if that is there, else it comes back. */
    private void restore(Path place) throws IOException {
        Path old = hidden(place, "old");
        if (Files.exists(old)) {
            if (Files.exists(place)) {
                keepOthers(old, place, Set.of());
            } else {
                AtomicFile.move(old, place);
            }
        }
    }

    private void keepOthers(Path old, Path place, Set<String> gone) throws IOException {
        for (Path entry : entries(old)) {
            Path kept = place.resolve(entry.getFileName());
            String called = entry.getFileName().toString();
            if (!own.contains(called) && !gone.contains(called) && !Files.exists(kept)) {
                AtomicFile.move(entry, kept);
            }
        }
        delete(old);
    }

    private Path parent() {
        return Objects.requireNonNull(directory.getParent());
    }

    private Path place(String ending) {
        return directory.resolveSibling(directory.getFileName() + ending);
    }

    private static Path hidden(Path directory, String role) {
        return directory.resolveSibling("." + directory.getFileName() + ".lorikeet-" + role);
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
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
            System.getLogger(OutputFolder.class.getName()).log(System.Logger.Level.DEBUG,
                    () -> "left behind: " + folder, e);
        }
    }

    /** Runs when the JVM ends. The lock is not given back: nothing more is written. */
    private void stop() {
        whenStopping.run();
        writing.lock();
        whenStopped.run();
        free();
    }

    private void free() {
        lock.close();
        try {
            for (Path parent : made) {
                Files.deleteIfExists(parent);
            }
        } catch (DirectoryNotEmptyException e) {
            // What was made for the folder holds it now.
        } catch (IOException e) {
            System.getLogger(OutputFolder.class.getName()).log(System.Logger.Level.DEBUG, () -> "left behind: " + made,
                    e);
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException e) {
            return; // the JVM is ending already, and the hook is doing its work
        }
        free();
    }
}
