package dev.lorikeet.transformer.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.data.DataFile;
import dev.lorikeet.transformer.data.Input;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.data.TableFormat;
import dev.lorikeet.transformer.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputFileTest {
    private static final List<Consumer<Path>> READERS = List.of(
            file -> DataFile.read(file, "text", "label"),
            file -> new DataFile<>(new Table(file, TableFormat.STANDARD), Input.text("text"), "label").sample(2, 1),
            Json::readObject, Safetensors::open, InputFile::open, file -> InputFile.bytes(file, 10, "files"));

    @TempDir
    private Path directory;

    @Test
    void noReaderWaitsForAFileWithoutEnd() throws Exception {
        Path pipe = directory.resolve("pipe.tsv");
        Assumptions.assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
        Path zero = Files.createSymbolicLink(directory.resolve("zero.tsv"), Path.of("/dev/zero"));
        for (Path file : List.of(pipe, zero)) {
            refused(file, "is a device or a pipe, a file is expected");
        }
    }

    @Test
    void noReaderTakesADirectoryOrNothing() throws IOException {
        refused(Files.createDirectory(directory.resolve("folder.tsv")), "is a directory, a file is expected");
        refused(directory.resolve("none.tsv"), "there is no such file");
    }

    private static void refused(Path file, String rule) {
        for (Consumer<Path> reader : READERS) {
            ThrowingCallable read = () -> Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20),
                    () -> reader.accept(file));
            assertThatThrownBy(read).isInstanceOf(InputException.class).hasMessage(file + ": open: " + rule);
        }
    }

    @Test
    void sizesHaveABound() throws IOException {
        Path file = Files.write(directory.resolve("a"), new byte[1 << 20]);
        assertThat(InputFile.bytes(file, 1 << 20, "such files")).hasSize(1 << 20);
        Files.write(file, new byte[(1 << 20) + 1]);
        assertThatThrownBy(() -> InputFile.bytes(file, 1 << 20, "such files")).isInstanceOf(InputException.class)
                .hasMessage(file + ": size: such files over 1 MiB are not read");
    }
}
