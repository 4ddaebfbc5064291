package dev.lorikeet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.transformer.weights.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights are in memory once: a JVM that loads a model and runs it needs little more. */
@EnabledOnOs(OS.LINUX)
class LoadedMemoryTest {
    /** What the compiler and the collector need beside is not asked for here: {@link LoadedMemory} measures that. */
    private static final List<String> OPTIONS = List.of("--add-modules=jdk.incubator.vector",
            "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmn8m");

    /** Those with which the launcher starts the command. */
    private static final List<String> OF_THE_COMMAND = List.of("--add-modules=jdk.incubator.vector",
            "-XX:+UseSerialGC", "-Xmn8m");

    @TempDir
    private Path directory;

    @Test
    void blocksAreThereOnce() throws IOException, InterruptedException {
        requireOnce(60, DType.Q8_0, true, OPTIONS);
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"F16, true", "F16, false", "BF16, false"})
    void numbersOf16BitsAreThereOnce(DType dtype, boolean gguf) throws IOException, InterruptedException {
        requireOnce(80, dtype, gguf, OPTIONS);
    }

    @Tag("slow")
    @Test
    void theCommandNeedsLittleMore() throws IOException, InterruptedException {
        requireOnce(300, DType.Q8_0, true, OF_THE_COMMAND);
    }

    private void requireOnce(int megabytes, DType dtype, boolean gguf, List<String> options)
            throws IOException, InterruptedException {
        LoadedMemory.Peak peak = LoadedMemory.measure(directory, megabytes, dtype, gguf, options);
        assertThat(peak.model()).isGreaterThan(megabytes * 800_000L);
        assertThat(peak.resident()).as(peak.toString()).isLessThan(peak.allowed());
    }
}
