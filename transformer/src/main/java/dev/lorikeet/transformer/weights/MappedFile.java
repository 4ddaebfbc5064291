package dev.lorikeet.transformer.weights;

import dev.lorikeet.transformer.io.InputFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.Function;

/** A whole file, mapped read-only until it is closed. */
final class MappedFile implements AutoCloseable {
    private final Path path;
    private final Arena arena;
    private final FileChannel channel;
    private final MemorySegment bytes;

    /** @throws dev.lorikeet.transformer.io.InputException if the file is missing or cannot be read */
    @SuppressWarnings("MustBeClosed") // closed in close(), or below where there is nothing to map
    MappedFile(Path path) {
        InputFile.requireRegular(path);
        this.path = path;
        this.arena = Arena.ofShared();
        try {
            this.channel = FileChannel.open(path);
            this.bytes = map();
        } catch (IOException e) {
            arena.close();
            throw InputFile.error(path, e);
        }
    }

    private MemorySegment map() throws IOException {
        try {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    Path path() {
        return path;
    }

    /** The whole file: what is read of it counts as memory of this process until this is closed. */
    MemorySegment bytes() {
        return bytes;
    }

    /**
     * Has {@code taker}, in this thread, read {@code size} bytes from {@code begin} on, which are gone afterwards, and
     * then do not count as memory of this process any more.
     *
     * @throws dev.lorikeet.transformer.io.InputException if the file cannot be read any more
     * @throws IllegalStateException if this is closed
     */
    <T> T part(long begin, long size, Function<MemorySegment, T> taker) {
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException(path + ": is closed");
        }
        try (Arena own = Arena.ofConfined()) { // closing a shared one throws away what was compiled of its readers
            return taker.apply(channel.map(FileChannel.MapMode.READ_ONLY, begin, size, own));
        } catch (IOException e) {
            throw InputFile.error(path, e);
        }
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
            try {
                channel.close();
            } catch (IOException e) {
                throw InputFile.error(path, e);
            }
        }
    }
}
