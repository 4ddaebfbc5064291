package dev.lorikeet.cli;

import static java.util.stream.Collectors.joining;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A JVM of its own on the class path of the tests: it chooses kernels and threads anew, and can be interrupted. */
final class Fork {
    private final Process process;
    private final BufferedReader lines;
    private final StringBuilder out = new StringBuilder();

    private Fork(Process process) {
        this.process = process;
        this.lines = process.inputReader(StandardCharsets.UTF_8);
        process.onExit().orTimeout(15, TimeUnit.MINUTES).exceptionally(_ -> process.destroyForcibly());
    }

    /** Starts a main class in {@code directory}. */
    static Fork of(Path directory, Class<?> main, String... arguments) throws IOException {
        return start(directory, java(main, arguments));
    }

    /** As {@link #of}, compiled by C1 alone: what takes a second is over before the code of C2 pays. */
    static Fork small(Path directory, Class<?> main, String... arguments) throws IOException {
        List<String> command = java(main, arguments);
        command.addAll(command.indexOf("--add-modules"),
                List.of("-XX:TieredStopAtLevel=1", "-Dlorikeet.vector=scalar"));
        return start(directory, command);
    }

    /** As {@link #small}, with these variables in its environment. */
    static Fork with(Map<String, String> environment, Path directory, Class<?> main, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of("env"));
        environment.forEach((name, value) -> command.add(name + "=" + value));
        command.addAll(java(main, arguments));
        command.addAll(command.indexOf("--add-modules"),
                List.of("-XX:TieredStopAtLevel=1", "-Dlorikeet.vector=scalar"));
        return start(directory, command);
    }

    /** As {@link #of}, with so much memory for objects. */
    static Fork withHeap(Path directory, String most, Class<?> main, String... arguments) throws IOException {
        List<String> command = java(main, arguments);
        command.add(command.indexOf("--add-modules"), "-Xmx" + most);
        return start(directory, command);
    }

    /**
     * As {@link #of}, in the locale C, where Java knows no letters but those of ASCII.
     *
     * @param last one more argument, as a shell's word: bytes that this JVM's own locale has no part in
     */
    static Fork inLocaleC(Path directory, String last, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("env", "LC_ALL=C", "bash", "-c", "exec \"$@\" " + last, "bash"));
        command.addAll(java(main, arguments));
        return start(directory, command);
    }

    /** As {@link #of}, on a terminal of its own, by the tool {@code script}; all output is in {@link Outcome#out}. */
    static Fork onTerminal(Path directory, Class<?> main, String... arguments) throws IOException {
        String line = java(main, arguments).stream().map(word -> "'" + word + "'").collect(joining(" "));
        return start(directory, List.of("script", "-qec", line, "/dev/null"));
    }

    private static Fork start(Path directory, List<String> command) throws IOException {
        return new Fork(new ProcessBuilder(command).directory(directory.toFile()).start());
    }

    private static List<String> java(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        if (System.getProperty("os.name").equals("Linux")) {
            // A shell's background jobs ignore SIGINT, and what they start inherits that.
            command.addAll(List.of("env", "--default-signal=INT"));
        }
        command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules",
                "jdk.incubator.vector", "-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Types at the terminal. */
    void type(String keys) throws IOException {
        process.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** Reads what it prints up to a line that contains {@code text}, which is returned. */
    String await(String text) throws IOException {
        String line;
        do {
            line = lines.readLine();
            if (line == null) {
                throw new AssertionError("no line with \"" + text + "\" in:\n" + out + "\n"
                        + new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
            }
            out.append(line).append('\n');
        } while (!line.contains(text));
        return line;
    }

    /** As Ctrl-C does. */
    void interrupt() throws IOException, InterruptedException {
        signal("-INT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", name, Long.toString(process.pid())).inheritIO().start().waitFor();
    }

    /** As an init system does. */
    void terminate() throws IOException, InterruptedException {
        signal("-TERM");
    }

    /** Ends it without a chance to tidy up. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Waits for its end; the JVM's own word about the incubator module is left out. */
    Outcome end() throws IOException, InterruptedException {
        lines.lines().forEach(line -> out.append(line).append('\n'));
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), out.toString(),
                err.replace("WARNING: Using incubator modules: jdk.incubator.vector\n", ""));
    }
}
