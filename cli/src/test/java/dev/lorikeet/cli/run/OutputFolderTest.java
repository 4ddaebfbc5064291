package dev.lorikeet.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {
    private static final Set<String> OWN = Set.of("answer", "parts");

    @TempDir
    private Path directory;

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> files() throws IOException {
        try (Stream<Path> tree = Files.walk(directory)) {
            return tree.filter(Files::isRegularFile).map(file -> directory.relativize(file).toString()).sorted()
                    .toList();
        }
    }

    @Test
    void whatIsItsOwnIsReplacedAndTheRestStays() throws IOException {
        Path out = directory.resolve("a/b/out");
        try (OutputFolder folder = new OutputFolder(out, OWN)) {
            assertThat(folder.isEmpty()).isTrue();
            folder.write(fresh -> write(fresh.resolve("parts/1"), "old"));
            write(out.resolve("notes/mine"), "mine");
            assertThat(folder.isEmpty()).isFalse();
            folder.write(fresh -> write(fresh.resolve("answer"), "new"));
        }
        assertThat(files()).containsExactly("a/b/out/answer", "a/b/out/notes/mine");
    }

    @Test
    void aFailedWriteLeavesEverythingAsItWas() throws IOException {
        Path out = directory.resolve("out");
        try (OutputFolder folder = new OutputFolder(out, OWN)) {
            folder.write(fresh -> write(fresh.resolve("answer"), "old"));
            assertThatThrownBy(() -> folder.write(fresh -> {
                write(fresh.resolve("answer"), "new");
                throw new InputException("no");
            })).isInstanceOf(InputException.class).hasMessage("no");
        }
        assertThat(files()).containsExactly("out/answer");
        assertThat(out.resolve("answer")).hasContent("old");
    }

    @Test
    void whereNothingIsWrittenNoParentIsLeft() throws IOException {
        new OutputFolder(directory.resolve("a/b/out"), OWN).close();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void whatAKilledProcessLeftIsTidiedUp() throws IOException {
        Path out = directory.resolve("out");
        write(directory.resolve(".out.lorikeet-writing/answer"), "half");
        write(directory.resolve(".out.lorikeet-old/answer"), "whole"); // between the two moves
        write(directory.resolve(".out.lorikeet-lock"), "");
        new OutputFolder(out, OWN).close();
        assertThat(files()).containsExactly("out/answer");
        assertThat(out.resolve("answer")).hasContent("whole");

        write(directory.resolve(".out.lorikeet-old/answer"), "older"); // after both
        write(directory.resolve(".out.lorikeet-old/notes"), "mine");
        new OutputFolder(out, OWN).close();
        assertThat(files()).containsExactly("out/answer", "out/notes");
        assertThat(out.resolve("answer")).hasContent("whole");
    }

    @Test
    void anotherOneIsRefusedUntilTheFirstIsClosed() {
        Path out = directory.resolve("out");
        try (OutputFolder first = new OutputFolder(out, OWN)) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> new OutputFolder(directory.resolve("x/../out"), OWN))
                        .isInstanceOf(InputException.class)
                        .hasMessageEndingWith(": --out: another process is writing it");
            }
            first.write(fresh -> write(fresh.resolve("answer"), "first"));
        }
        try (OutputFolder second = new OutputFolder(out, OWN)) {
            assertThat(second.isEmpty()).isFalse();
        }
    }

    @Test
    void aLinkStaysALink() throws IOException {
        Path disk = Files.createDirectories(directory.resolve("disk/run"));
        Path link = Files.createSymbolicLink(directory.resolve("out"), disk);
        try (OutputFolder folder = new OutputFolder(link, OWN)) {
            folder.write(fresh -> write(fresh.resolve("answer"), "new"));
        }
        assertThat(link).isSymbolicLink();
        assertThat(disk.resolve("answer")).hasContent("new");
    }

    @Test
    void theWorkingDirectoryIsNoFolderOfItsOwn() {
        for (String name : List.of(".", "..", "/")) {
            assertThatThrownBy(() -> new OutputFolder(Path.of(name), OWN)).isInstanceOf(InputException.class)
                    .hasMessage(
                            name + ": --out: is the working directory or above it, a folder of its own is expected");
        }
        assertThatThrownBy(() -> new OutputFolder(Path.of(""), OWN)).isInstanceOf(InputException.class)
                .hasMessage("--out: must not be empty");
    }
}
