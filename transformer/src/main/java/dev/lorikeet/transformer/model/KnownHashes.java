package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.weights.CacheDirectory;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Hashes of weights that were computed before, by the path, size and time of their files: reading gigabytes again takes
 * seconds. Kept in the {@link CacheDirectory}; where that cannot be read or written, they are computed.
 */
final class KnownHashes {
    /** A file that is younger may be written again within one tick of its clock, and look the same. */
    private static final Duration YOUNG = Duration.ofSeconds(2);

    private KnownHashes() {}

    /**
     * The hash of the weights in {@code directory}.
     *
     * @param names of the tensors that it goes over
     * @param computed gives it where it is not known
     */
    static String of(Path directory, Collection<String> names, Supplier<String> computed) {
        try {
            StringBuilder stamps = new StringBuilder(names.toString());
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.filter(path -> path.toString().endsWith(".safetensors")).sorted().toList()) {
                    FileTime time = Files.getLastModifiedTime(file);
                    if (time.toInstant().isAfter(Instant.now().minus(YOUNG))) {
                        return computed.get();
                    }
                    stamps.append('\n').append(file.toRealPath()).append(' ').append(Files.size(file)).append(' ')
                            .append(time);
                }
            }
            Path known = CacheDirectory.path().resolve("hashes").resolve(WeightsHash.ofText(stamps.toString()));
            if (Files.isRegularFile(known)) {
                return Files.readString(known).strip();
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
