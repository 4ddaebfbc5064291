package dev.lorikeet.bench.kills;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command in a JVM of its own, which can be killed; what it prints is in files, so that it waits for nobody. */
final class Child {
    /** Nothing here takes so long: whatever does has hung. */
    private static final long MOST_MINUTES = 15;

    private final Process process;
    private final Path out;
    private final Path err;

    private Child(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** Starts {@code lorikeet} in a folder; without the optimizing compiler, which never pays here. */
    static Child start(Path directory, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        if (System.getProperty("os.name").equals("Linux")) {
            // what runs in the background of a shell ignores SIGINT, and so does what that starts
            command.addAll(List.of("env", "--default-signal=INT"));
        }
        command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-Dlorikeet.vector=scalar", "--add-modules", "jdk.incubator.vector", "-cp",
                System.getProperty("java.class.path"), "dev.lorikeet.cli.Main"));
        command.addAll(arguments);
        Path out = directory.resolve("out.txt");
        Path err = directory.resolve("err.txt");
        return new Child(new ProcessBuilder(command).directory(directory.toFile()).redirectOutput(out.toFile())
                .redirectError(err.toFile()).start(), out, err);
    }

    /** Waits until it has said something, and so long after that; says whether it still runs. */
    boolean runsAfter(long millis) throws IOException, InterruptedException {
        while (process.isAlive() && Files.size(out) == 0) {
            Thread.sleep(2);
        }
        return !process.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    /** Sends it a signal, {@code KILL}, {@code TERM} or {@code INT}, and waits for its end; returns its exit status. */
    int signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
        return end();
    }

    /** Waits for its end; returns its exit status. */
    int end() throws InterruptedException {
        if (!process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IllegalStateException("kills: a run did not end within " + MOST_MINUTES + " minutes");
        }
        return process.exitValue();
    }

    /** What it has said that is no result. */
    String err() throws IOException {
        return Files.readString(err, StandardCharsets.UTF_8)
                .replace("WARNING: Using incubator modules: jdk.incubator.vector\n", "");
    }
}
