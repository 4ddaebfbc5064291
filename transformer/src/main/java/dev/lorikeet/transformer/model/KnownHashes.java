package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Sha256;
import dev.lorikeet.transformer.weights.CacheDirectory;
import dev.lorikeet.transformer.weights.GgufFile;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Hashes of weights that were computed before, by the path, size and times of their files: reading gigabytes again
 * takes seconds. Kept in the {@link CacheDirectory}; where that cannot be read or written, they are computed.
 */
final class KnownHashes {
    /** A file that is younger may be written again within one tick of its clock, and look the same. */
    private static final Duration YOUNG = Duration.ofSeconds(2);

    private static final Pattern HASH = Pattern.compile("sha256:[0-9a-f]{64}");

    private KnownHashes() {}

    /**
     * What the weights in a directory or a GGUF file look like from outside: if it is another later, they may be
     * others.
     *
     * @return empty where that cannot be told
     */
    static String stamp(Path place) {
        try {
            return stampOf(place).text;
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * How files look.
     *
     * @param newest when the last of them was written
     */
    private record Stamp(String text, FileTime newest) {
        boolean isYoung() {
            return newest.toInstant().isAfter(Instant.now().minus(YOUNG));
        }
    }

    private static Stamp stampOf(Path place) throws IOException {
        StringBuilder stamp = new StringBuilder();
        FileTime newest = FileTime.fromMillis(0);
        boolean gguf = Files.isRegularFile(place);
        Path directory = gguf ? Objects.requireNonNull(place.toAbsolutePath().getParent()) : place;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(path -> gguf ? GgufFile.isPart(path, place)
                    : path.toString().endsWith(".safetensors")).sorted().toList()) {
                BasicFileAttributes seen = Files.readAttributes(file, BasicFileAttributes.class);
                // Copies keep a time of change, but not the inode and the time that it has itself.
                Object changed = file.getFileSystem().supportedFileAttributeViews().contains("unix")
                        ? Files.getAttribute(file, "unix:ctime")
                        : "";
                newest = seen.lastModifiedTime().compareTo(newest) > 0 ? seen.lastModifiedTime() : newest;
                stamp.append(file.toRealPath()).append(' ').append(seen.size()).append(' ')
                        .append(seen.lastModifiedTime()).append(' ').append(seen.fileKey()).append(' ')
                        .append(changed).append('\n');
            }
        }
        return new Stamp(stamp.toString(), newest);
    }

    /**
     * The hash of the weights in a directory or a GGUF file.
     *
     * @param names of the tensors that it goes over
     * @param computed gives it where it is not known
     */
    static String of(Path place, Collection<String> names, Supplier<String> computed) {
        try {
            Stamp stamp = stampOf(place);
            if (stamp.isYoung()) {
                return computed.get();
            }
            Path known = CacheDirectory.path().resolve("hashes")
                    .resolve(new Sha256().add(names + "\n" + stamp.text).hex());
            String kept = Files.isRegularFile(known) ? Files.readString(known).strip() : "";
            if (HASH.matcher(kept).matches()) {
                return kept;
            }
            String hash = computed.get();
            AtomicFile.write(known, hash + "\n");
            return hash;
        } catch (IOException | InputException e) {
            System.getLogger(KnownHashes.class.getName()).log(Level.DEBUG, () -> "the hash is not kept: " + e);
            return computed.get();
        }
    }
}
