package dev.lorikeet.transformer.hub;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A repository in the cache, in the layout of {@code huggingface_hub}: {@code models--ORG--NAME} with
 * {@code refs/main}, a text of a commit; {@code blobs/ETAG}, the content of files; {@code snapshots/COMMIT/PATH}, a
 * relative link to it. Where there can be no links, the content is in the snapshot, too.
 */
final class RepositoryCache {
    private static final System.Logger LOG = System.getLogger(RepositoryCache.class.getName());
    private static final int DEEPEST = 8;
    /** The system's locks are the process's: so its threads have their own. */
    private static final Map<Path, ReentrantLock> OWN = new ConcurrentHashMap<>();

    private final Path folder;
    private final Path lock;
    private final boolean links;

    RepositoryCache(HubSettings settings, HubName name) {
        String own = "models--" + name.repository().replace("/", "--");
        this.folder = settings.cache().resolve(own);
        this.lock = settings.cache().resolve(".locks").resolve(own).resolve("lorikeet.lock");
        this.links = settings.links();
    }

    /** The commit that a revision means, as far as the cache knows. */
    Optional<String> commit(HubName name) {
        if (name.isPinned()) {
            return Optional.of(name.revision());
        }
        Path ref = folder.resolve("refs").resolve(name.revision());
        try {
            String commit = Files.isRegularFile(ref) ? Files.readString(ref).strip() : "";
            return HubName.isCommit(commit) ? Optional.of(commit) : Optional.empty();
        } catch (IOException e) {
            throw new InputException(ref, "read", "cannot be read: " + e);
        }
    }

    /** Says which commit a revision means; nothing where it is one. */
    void point(HubName name, String commit) {
        if (!name.isPinned() && !commit(name).equals(Optional.of(commit))) {
            AtomicFile.write(folder.resolve("refs").resolve(name.revision()), commit);
        }
    }

    Path snapshot(String commit) {
        return folder.resolve("snapshots").resolve(commit);
    }

    /** The files of a commit that are there. */
    List<String> files(String commit) {
        Path snapshot = snapshot(commit);
        if (!Files.isDirectory(snapshot)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(snapshot, DEEPEST)) {
            return files.filter(Files::isRegularFile).map(file -> snapshot.relativize(file).toString()
                    .replace(file.getFileSystem().getSeparator(), "/")).sorted().toList();
        } catch (IOException e) {
            throw new InputException(snapshot, "read", "cannot be read: " + e);
        }
    }

    /** Whether the content of a file is there. */
    boolean has(RemoteFile file) {
        try {
            return Files.isRegularFile(blob(file)) && Files.size(blob(file)) == file.size();
        } catch (IOException e) {
            throw new InputException(blob(file), "read", "cannot be read: " + e);
        }
    }

    private Path blob(RemoteFile file) {
        return folder.resolve("blobs").resolve(file.etag());
    }

    /**
     * Where the content of a file is while it is not whole. {@code huggingface_hub} has other names for that, and may
     * be at the same file: its locks are not seen from here.
     */
    Path part(RemoteFile file) {
        return folder.resolve("blobs").resolve(file.etag() + ".lorikeet.incomplete");
    }

    /** Takes the {@link #part} of a file, which is whole. */
    void keep(RemoteFile file) {
        try {
            AtomicFile.move(part(file), blob(file));
        } catch (IOException e) {
            throw new InputException(blob(file), "write", "cannot be written: " + e);
        }
    }

    /** Puts a file whose content is there into a snapshot. */
    void place(RemoteFile file, String commit) {
        Path at = snapshot(commit).resolve(file.path());
        Path blob = blob(file);
        try {
            Path parent = Objects.requireNonNull(at.getParent());
            Files.createDirectories(parent);
            Path temporary = AtomicFile.temporarySibling(at);
            if (!links || !linked(temporary, parent.relativize(blob))) {
                Files.copy(blob, temporary, StandardCopyOption.REPLACE_EXISTING);
            }
            AtomicFile.move(temporary, at);
        } catch (IOException e) {
            throw new InputException(at, "write", "cannot be written: " + e);
        }
    }

    /** Windows has links for those alone who may make them. */
    private static boolean linked(Path link, Path target) {
        try {
            Files.createSymbolicLink(link, target);
            return true;
        } catch (IOException | UnsupportedOperationException | SecurityException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "copied, since there can be no link here: " + e);
            return false;
        }
    }

    /** @throws InputException if there is not as much room */
    void requireRoom(long bytes) {
        try {
            Files.createDirectories(folder.resolve("blobs"));
            long room = Files.getFileStore(folder).getUsableSpace();
            if (room < bytes) {
                throw new InputException(folder, "room", bytes + " bytes are to come, and there is room for " + room);
            }
        } catch (IOException e) {
            throw new InputException(folder, "write", "cannot be written: " + e);
        }
    }

    /** What one process and thread at a time has; the operating system takes it from processes that end. */
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    /** Waits until nobody else fetches this repository. */
    Held hold(PullListener listener) {
        ReentrantLock own = OWN.computeIfAbsent(lock, _ -> new ReentrantLock());
        if (!own.tryLock()) {
            listener.waits("another thread fetches the same");
            own.lock();
        }
        try {
            Files.createDirectories(Objects.requireNonNull(lock.getParent()));
            FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock held = channel.tryLock();
            if (held == null) {
                listener.waits("another process fetches the same");
                held = channel.lock();
            }
            LOG.log(System.Logger.Level.DEBUG, "{0} is held", held);
            return () -> release(channel, own);
        } catch (IOException e) {
            own.unlock();
            throw new InputException(lock, "write", "cannot be written: " + e);
        }
    }

    private static void release(FileChannel channel, ReentrantLock own) {
        try {
            channel.close(); // which gives the lock back
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "not closed: " + e);
        } finally {
            own.unlock();
        }
    }

    /** Bytes of what is there by these names. */
    static Map<String, Long> sizes(Path snapshot, List<String> files) {
        return files.stream().collect(Collectors.toMap(file -> file, file -> {
            try {
                return Files.size(snapshot.resolve(file));
            } catch (IOException e) {
                throw new InputException(snapshot.resolve(file), "read", "cannot be read: " + e);
            }
        }));
    }
}
