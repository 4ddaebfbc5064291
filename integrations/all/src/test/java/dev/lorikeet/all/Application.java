package dev.lorikeet.all;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.module.ModuleDescriptor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The README's example as a stranger's program, compiled against the jar alone: for the class path, or as a module.
 *
 * @param options of a JVM that runs it
 */
record Application(List<String> options) {
    private static final Path README = Path.of(System.getProperty("lorikeet.basedir"), "README.md");

    static Application onTheClassPath(Path jar, Path folder) throws IOException {
        String imports = OneJar.MODULE.descriptor().exports().stream().filter(exports -> !exports.isQualified())
                .map(ModuleDescriptor.Exports::source).sorted().map(name -> "import " + name + ".*;\n")
                .collect(Collectors.joining());
        compile(folder, List.of("-cp", jar.toString()), source(folder, "Main", "", imports));
        return new Application(List.of("-cp", jar + File.pathSeparator + folder, "Main"));
    }

    static Application onTheModulePath(Path jar, Path folder) throws IOException {
        Path module = Files.writeString(Files.createDirectories(folder).resolve("module-info.java"),
                "module app { requires dev.lorikeet.all; }");
        compile(folder, List.of("-p", jar.toString()), module,
                source(folder, "Main", "package app;", "import module dev.lorikeet.all;"));
        return new Application(List.of("-p", jar + File.pathSeparator + folder, "-m", "app/app.Main"));
    }

    private static Path source(Path folder, String name, String inPackage, String imports) throws IOException {
        return Files.writeString(Files.createDirectories(folder).resolve(name + ".java"), """
                %s
                import module java.base;
                %s
                class %s {
                    static void main() {
                        %s
                    }
                }
                """.formatted(inPackage, imports, name, example()));
    }

    private static String example() throws IOException {
        String readme = Files.readString(README);
        String begin = "<!-- example -->\n```java\n";
        return readme.substring(readme.indexOf(begin) + begin.length(), readme.indexOf("```\n<!-- /example -->"));
    }

    /** With every warning an error: what is missing in the jar shows here, too. */
    private static void compile(Path folder, List<String> path, Path... sources) throws IOException {
        List<String> options = Stream.concat(path.stream(), Stream.of("-d", folder.toString(), "-proc:none",
                "-Xlint:all,-incubating", "-Werror")).toList();
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        try (StandardJavaFileManager files = javac.getStandardFileManager(found, null, null)) {
            boolean done = javac.getTask(new StringWriter(), files, found, options, null,
                    files.getJavaFileObjects(sources)).call();
            assertThat(found.getDiagnostics()).isEmpty();
            assertThat(done).isTrue();
        }
    }

    /**
     * Runs it, without Maven, which would fetch a model that is not found.
     *
     * @param before what starts the JVM, for example as somebody else; empty for a plain start
     * @param directory the working directory
     * @param cache where the model is
     * @param more options of the JVM
     */
    Outcome run(List<String> before, Path directory, Path cache, String... more)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--illegal-native-access=deny", "-Duser.language=en",
                "-Djava.util.logging.SimpleFormatter.format=%4$s %5$s%n"));
        command.addAll(List.of(more));
        command.addAll(options);
        Path err = Files.createTempFile("lorikeet-all", ".err");
        try {
            ProcessBuilder java = new ProcessBuilder(command).directory(directory.toFile()).redirectError(err.toFile());
            java.environment().put("LORIKEET_CACHE", cache.toString());
            java.environment().put("PATH", "");
            Process process = java.start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(process.waitFor(), out, Files.readString(err));
        } finally {
            Files.delete(err);
        }
    }

    /** What a run printed, and its exit status. */
    record Outcome(int status, String out, String err) {}
}
