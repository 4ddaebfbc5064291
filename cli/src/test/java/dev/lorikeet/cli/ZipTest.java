package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The command as it is unpacked where there is neither git nor Maven. */
@EnabledIfSystemProperty(named = "lorikeet.zip", matches = ".+", disabledReason = "the profile zip makes what it tries")
class ZipTest {
    private static final List<String> OPTIONS = List.of("--add-modules jdk.incubator.vector", "-XX:MaxRAMPercentage=50",
            "-XX:ObjectAlignmentInBytes=64", "-XX:+UseSerialGC", "-Xmn8m", "-Dsun.net.httpserver.nodelay=true",
            "-Dsun.net.httpserver.maxReqTime=60", "-XX:+ExitOnOutOfMemoryError", "-Dlorikeet.command=");

    @TempDir
    private Path directory;
    private Path root;

    @BeforeEach
    void unpack() throws IOException {
        Path place = Files.createDirectory(directory.resolve("a place"));
        try (InputStream file = Files.newInputStream(Path.of(System.getProperty("lorikeet.zip")));
                ZipInputStream zip = new ZipInputStream(file)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path target = place.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    Files.copy(zip, target);
                }
            }
        }
        try (var folders = Files.list(place)) {
            root = folders.toList().getFirst();
        }
        assertThat(root.resolve("lorikeet").toFile().setExecutable(true)).isTrue();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a script for bash")
    void runsWithoutABuildAndStartsFasterAfterTheFirstTime() throws Exception {
        Outcome first = run(root.resolve("lorikeet").toString(), "embed", "a text");
        assertThat(first.out()).startsWith("{\"text\":\"a text\",\"embedding\":[");
        assertThat(first.err()).isEqualTo("lorikeet: the first start takes some seconds more ...\n");
        assertThat(root.resolve("lib/lorikeet.aot")).isNotEmptyFile();
        Outcome second = run(root.resolve("lorikeet").toString(), "embed", "a text");
        assertThat(second).isEqualTo(new Outcome(0, first.out(), ""));
        Outcome benchmark = run(root.resolve("lorikeet").toString(), "bench", "kernels");
        assertThat(benchmark.err()).isEqualTo(
                "lorikeet: the benchmarks are not in this package: they are run in the repository\n");
    }

    @Test
    void theJarAloneRunsWhereTheOthersLieBesideIt() throws Exception {
        Outcome outcome = run(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar",
                root.resolve("lib/lorikeet-cli.jar").toString(), "--version");
        assertThat(outcome.out()).startsWith("lorikeet ");
        assertThat(outcome.status()).isZero();
    }

    @Test
    void bothScriptsPassTheSameToJava() throws IOException {
        String script = Files.readString(root.resolve("lorikeet"));
        String windows = Files.readString(root.resolve("lorikeet.cmd"));
        for (String option : OPTIONS) {
            assertThat(script).contains(option);
            assertThat(windows).contains(option);
        }
        assertThat(windows.lines().count()).as("every line as Windows ends it")
                .isEqualTo(windows.split("\r\n").length);
        assertThat(root.resolve("LICENSE")).isNotEmptyFile();
        assertThat(root.resolve("NOTICE")).isNotEmptyFile();
    }

    private Outcome run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().put("LORIKEET_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("PATH", "/usr/bin:/bin");
        Path err = directory.resolve("err");
        Process process = builder.redirectError(err.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), out, Files.readString(err));
    }
}
