package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownHashesTest {
    @TempDir
    private Path directory;
    private int computed;

    private String hash(String... names) {
        return KnownHashes.of(directory, List.of(names), () -> "hash " + ++computed);
    }

    private void write(String text, int secondsAgo) throws IOException {
        Path file = Files.writeString(directory.resolve("model.safetensors"), text);
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(secondsAgo)));
    }

    @Test
    void isComputedOnceForTheSameFilesAndNames() throws IOException {
        write("weights", 3600);
        assertThat(hash("a", "b")).isEqualTo("hash 1");
        assertThat(hash("a", "b")).isEqualTo("hash 1");
        assertThat(hash("a")).as("other tensors").isEqualTo("hash 2");
        write("weights", 1800);
        assertThat(hash("a", "b")).as("another time").isEqualTo("hash 3");
        write("weights more", 1800);
        assertThat(hash("a", "b")).as("another size").isEqualTo("hash 4");
    }

    @Test
    void ofFilesThatWereJustWrittenNothingIsKept() throws IOException {
        write("weights", 0);
        assertThat(hash("a")).isEqualTo("hash 1");
        assertThat(hash("a")).isEqualTo("hash 2");
    }

    @Test
    void whereTheFilesCannotBeListedItIsComputed() {
        assertThat(KnownHashes.of(directory.resolve("nowhere"), List.of(), () -> "computed")).isEqualTo("computed");
    }
}
