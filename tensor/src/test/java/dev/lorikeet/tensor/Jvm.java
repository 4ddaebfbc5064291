package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM of its own for what is chosen once and then stays: the kernels and the number of threads. */
public final class Jvm {
    public static final String VECTORS = "--add-modules=jdk.incubator.vector";
    private static final String LOG = "LOG ";

    private final Process process;

    private Jvm(Process process) {
        this.process = process;
    }

    /** Starts {@code main}, with the classes of this module only. */
    public static Jvm start(List<String> options, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Djava.util.logging.SimpleFormatter.format=" + LOG + "%4$s %5$s%n");
        command.addAll(options);
        command.addAll(List.of("-cp", String.join(System.getProperty("path.separator"), home(Tensor.class), home(
                main)), main.getName()));
        command.addAll(List.of(arguments));
        try {
            return new Jvm(new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String home(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What it printed, after it ended well, without its log. */
    public List<String> output() {
        return lines().stream().filter(line -> !line.startsWith(LOG)).toList();
    }

    /** What it logged, after it ended well: level and message. */
    public List<String> log() {
        return lines().stream().filter(line -> line.startsWith(LOG)).map(line -> line.substring(LOG.length())).toList();
    }

    private List<String> lines() {
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            return output.lines().filter(line -> !line.startsWith("WARNING:")).toList();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
