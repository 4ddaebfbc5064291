package dev.lorikeet.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are broken in one place are refused in a JVM that has no more than 64 MB of heap. */
@Tag("slow")
class SmallHeapTest {
    @TempDir
    private Path directory;

    @Test
    void whatIsBrokenNeedsNoMore() throws IOException, InterruptedException {
        Path printed = directory.resolve("printed");
        Process child = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--add-modules=jdk.incubator.vector",
                "-Dlorikeet.fixtures="
                        + System.getProperty("lorikeet.fixtures"),
                "-cp", System.getProperty("java.class.path"), SmallHeapTest.class.getName(), Files.createDirectory(
                        directory.resolve("readers")).toString())
                .redirectErrorStream(true).redirectOutput(printed.toFile()).start();
        try {
            assertThat(child.waitFor(3, TimeUnit.MINUTES)).as("ends").isTrue();
        } finally {
            child.destroyForcibly();
        }
        String all = Files.readString(printed, StandardCharsets.UTF_8);
        assertThat(child.exitValue()).as(all).isZero();
        assertThat(all.lines().filter(line -> line.matches("\\d+ .*"))).hasSizeGreaterThan(20);
    }

    /** In the JVM of its own: a line for each reader, with how many inputs it was fed. */
    public static void main(String[] arguments) throws IOException {
        for (Reader reader : Readers.all(Path.of(arguments[0]), Path.of(System.getProperty("lorikeet.fixtures")))) {
            System.out.println(Campaign.runBroken(reader) + " " + reader);
        }
    }
}
