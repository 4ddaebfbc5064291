package dev.lorikeet.transformer.weights;

import dev.lorikeet.transformer.io.InputFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A whole file, mapped read-only until it is closed. */
final class MappedFile implements AutoCloseable {
    private final Path path;
    private final Arena arena;
    private final MemorySegment bytes;

    /** @throws dev.lorikeet.transformer.io.InputException if the file is missing or cannot be read */
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
        InputFile.requireRegular(path);
        try (FileChannel channel = FileChannel.open(path)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException e) {
            throw InputFile.error(path, e);
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
