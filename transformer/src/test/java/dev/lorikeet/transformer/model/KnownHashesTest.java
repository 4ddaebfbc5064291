package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
        return KnownHashes.of(directory, List.of(names), () -> "sha256:" + "%064d".formatted(++computed));
    }

    private static String number(int which) {
        return "sha256:" + "%064d".formatted(which);
    }

    private void write(String text, int secondsAgo) throws IOException {
        Path file = Files.writeString(directory.resolve("model.safetensors"), text);
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(secondsAgo)));
    }

    @Test
    void isComputedOnceForTheSameFilesAndNames() throws IOException {
        write("weights", 3600);
        assertThat(hash("a", "b")).isEqualTo(number(1));
        assertThat(hash("a", "b")).isEqualTo(number(1));
        assertThat(hash("a")).as("other tensors").isEqualTo(number(2));
        write("weights", 1800);
        assertThat(hash("a", "b")).as("another time").isEqualTo(number(3));
        write("weights more", 1800);
        assertThat(hash("a", "b")).as("another size").isEqualTo(number(4));
    }

    /** As {@code cp -p} leaves it. */
    @Test
    void anotherFileOfTheSameSizeAndTimeIsAnother() throws IOException {
        write("weights", 3600);
        FileTime time = Files.getLastModifiedTime(directory.resolve("model.safetensors"));
        assertThat(hash("a")).isEqualTo(number(1));
        Path other = Files.writeString(directory.resolve("other"), "WEIGHTS");
        Files.move(other, directory.resolve("model.safetensors"), StandardCopyOption.REPLACE_EXISTING);
        Files.setLastModifiedTime(directory.resolve("model.safetensors"), time);
        assertThat(hash("a")).isEqualTo(number(2));
    }

    @Test
    void whatIsNoHashIsNotBelieved() throws IOException {
        write("weights", 3600);
        assertThat(KnownHashes.of(directory, List.of("a"), () -> "garbage")).isEqualTo("garbage");
        assertThat(hash("a")).isEqualTo(number(1));
    }

    @Test
    void ofFilesThatWereJustWrittenNothingIsKept() throws IOException {
        write("weights", 0);
        assertThat(hash("a")).isEqualTo(number(1));
        assertThat(hash("a")).isEqualTo(number(2));
    }

    @Test
    void whereTheFilesCannotBeListedItIsComputed() {
        assertThat(KnownHashes.of(directory.resolve("nowhere"), List.of(), () -> "computed")).isEqualTo("computed");
    }
}
