package dev.lorikeet.transformer.weights;

import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A whole file, mapped read-only until it is closed. */
final class MappedFile implements AutoCloseable {
    private final Path path;
    private final Arena arena;
    private final MemorySegment bytes;

    /** @throws InputException if the file is missing or cannot be read */
    @SuppressWarnings("MustBeClosed") // closed in close(), or below where there is nothing to map
    MappedFile(Path path) {
        this.path = path;
        this.arena = Arena.ofShared();
        try {
            this.bytes = map();
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private MemorySegment map() {
        if (Files.isDirectory(path)) {
            throw new InputException(path, "open", "is a directory, a file is expected");
        }
        try (FileChannel channel = FileChannel.open(path)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (NoSuchFileException e) {
            throw new InputException(path, "open", "there is no such file");
        } catch (IOException e) {
            throw new InputException(path, "open", "cannot be read: " + e.getMessage());
        }
    }

    Path path() {
        return path;
    }

    MemorySegment bytes() {
        return bytes;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
