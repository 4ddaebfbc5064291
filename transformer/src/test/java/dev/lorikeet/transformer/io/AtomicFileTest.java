package dev.lorikeet.transformer.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    private Path directory;
    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("deep/er/a.txt");
    }

    @Test
    void writesUtf8IntoADirectoryThatItMakes() throws IOException {
        AtomicFile.write(file, "é\n\uD83D\uDE00");
        assertThat(file).hasBinaryContent(new byte[] {(byte) 0xC3, (byte) 0xA9, '\n', (byte) 0xF0, (byte) 0x9F,
            (byte) 0x98, (byte) 0x80});
        AtomicFile.write(file, "");
        assertThat(file).isEmptyFile();
        assertAlone();
    }

    @Test
    void anErrorLeavesTheOldFile() throws IOException {
        AtomicFile.write(file, "old");
        assertThatThrownBy(() -> AtomicFile.write(file, channel -> {
            writeHalf(channel);
            throw new IOException("disk\nfull");
        })).isInstanceOf(InputException.class)
                .hasMessage(file + ": write: cannot be written: disk\\nfull");
        assertThatThrownBy(() -> AtomicFile.write(file, channel -> {
            writeHalf(channel);
            throw new IllegalStateException("a fault");
        })).isInstanceOf(IllegalStateException.class).hasMessage("a fault");
        assertThatThrownBy(() -> AtomicFile.write(file, "half a pair: \uD83D")).isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + ": write: cannot be written: ");
        assertThat(file).hasContent("old");
        assertAlone();
    }

    private void writeHalf(FileChannel channel) throws IOException {
        channel.write(ByteBuffer.wrap(new byte[1000]));
        assertThat(file).as("while it is written").hasContent("old");
    }

    @Test
    void namesAPlaceThatCannotBeWritten() throws IOException {
        AtomicFile.write(file, "a file");
        Files.createDirectories(directory.resolve("full/of/files"));
        for (Path impossible : List.of(directory.resolve("full/of"), file.resolve("below"))) {
            assertThatThrownBy(() -> AtomicFile.write(impossible, "text")).isInstanceOf(InputException.class)
                    .hasMessageStartingWith(impossible + ": write: cannot be written: ");
        }
        assertThat(directory.resolve("full/of/files")).isDirectory();
        assertThat(file).hasContent("a file");
    }

    /** Readers see one whole version or another. */
    @Test
    void severalMayWriteAtTheSameTime() throws Exception {
        List<String> versions = Stream.of("a", "b", "c", "d").map(letter -> letter.repeat(10_000)).toList();
        AtomicFile.write(file, versions.getFirst());
        List<Callable<Object>> writers = versions.stream().map(version -> (Callable<Object>) () -> {
            for (int i = 0; i < 10; i++) {
                AtomicFile.write(file, version);
                assertThat(Files.readString(file)).isIn(versions);
            }
            return version;
        }).toList();
        try (ExecutorService threads = Executors.newFixedThreadPool(writers.size())) {
            for (Future<Object> writer : threads.invokeAll(writers)) {
                writer.get();
            }
        }
        assertAlone();
    }

    private void assertAlone() throws IOException {
        try (Stream<Path> files = Files.list(file.getParent())) {
            assertThat(files).as("files, temporary ones too").containsExactly(file);
        }
    }
}
