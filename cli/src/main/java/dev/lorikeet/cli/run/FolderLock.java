package dev.lorikeet.cli.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A file that one process at a time has locked. The operating system gives the lock back when a process ends, however
 * it ends; the file is deleted where it ends in order, and does no harm where it is left.
 */
final class FolderLock implements AutoCloseable {
    private static final int ATTEMPTS = 100;
    /**
     * The system's locks are the process's, and closing a file a second time would give them back: so this JVM's own.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private FolderLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** The lock, or nothing where somebody else has it. */
    static Optional<FolderLock> take(Path file) throws IOException {
        if (!HELD.add(file)) {
            return Optional.empty();
        }
        FolderLock taken = null;
        try {
            taken = lock(file);
            return Optional.ofNullable(taken);
        } finally {
            if (taken == null) {
                HELD.remove(file);
            }
        }
    }

    private static @Nullable FolderLock lock(Path file) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            boolean locked = channel.tryLock() != null;
            if (locked && channel.size() == 0) {
                return new FolderLock(file, channel);
            }
            channel.close();
            if (!locked) {
                return null;
            }
        }
        throw new IOException(file + " is left from a process that was killed, delete it");
    }

    /** What is in the file tells those who opened it before it was deleted that it is no lock any more. */
    @Override
    public void close() {
        try (channel) {
            channel.write(ByteBuffer.wrap(new byte[1]));
            Files.deleteIfExists(file);
        } catch (IOException e) {
            System.getLogger(FolderLock.class.getName()).log(System.Logger.Level.DEBUG, () -> "left behind: " + file,
                    e);
        } finally {
            HELD.remove(file);
        }
    }
}
