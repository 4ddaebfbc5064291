package dev.lorikeet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The script {@code lorikeet} in a repository of its own, with a JDK and a Maven that say what they were asked for. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a script for bash")
class LauncherTest {
    private static final List<String> TOOLS = List.of("bash", "cat", "dirname", "find", "mkdir", "mv", "readlink", "rm",
            "sed", "touch");
    private static final String JAVA = """
            echo "locale $LC_ALL"
            printf '%s\\n' "$@"
            echo 'WARNING: Using incubator modules: jdk.incubator.vector' >&2
            echo 'word of the JVM' >&2
            exit 7""";
    private static final String MAVEN = """
            echo "mvn $* with $JAVA_HOME" >>maven.log
            echo "locale $LC_ALL" >maven.locale
            touch library.jar
            for jar in cli/target/lorikeet-cli.jar bench/target/lorikeet-bench.jar \\
                    bench/peers/target/lorikeet-bench-peers.jar; do
                if [ -d "${jar%/*}" ]; then
                    touch "$jar"
                    printf %s "$PWD/library.jar" >"${jar%/*}/classpath.txt"
                fi
            done""";

    /**
     * Ends when whoever writes to standard error has ended: the launcher's filter may outlive java, and the JDK closes
     * a process's pipes as soon as that ends.
     */
    private static final String WITH_ALL_ERRORS = "{ \"$@\" 2>&1 >&3 | cat >&2; exit \"${PIPESTATUS[0]}\"; } 3>&1";

    @TempDir
    private Path directory;
    private Path root;
    private Path bin;
    private Path jdk;
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void writeRepository() throws IOException {
        directory = directory.toRealPath();
        root = directory.resolve("a root");
        bin = Files.createDirectories(directory.resolve("bin"));
        jdk = directory.resolve("jdk");
        for (String module : List.of("tensor", "autograd", "transformer", "lora", "tornado", "cli", "bench",
                "bench/peers")) {
            Files.createDirectories(root.resolve(module).resolve("src/main"));
            Files.createFile(root.resolve(module).resolve("pom.xml"));
        }
        Files.createFile(root.resolve("pom.xml"));
        Files.copy(Path.of(System.getProperty("lorikeet.basedir", ""), "lorikeet"), root.resolve("lorikeet"));
        for (String tool : TOOLS) {
            script(bin.resolve(tool), "exec " + find(tool) + " \"$@\"");
        }
        script(bin.resolve("mvn"), MAVEN);
        writeJdk("25.0.3");
        environment.putAll(Map.of("PATH", bin.toString(), "HOME", directory.toString(), "LORIKEET_JAVA_HOME",
                jdk.toString(), "LORIKEET_JAVA_OPTS", "-Xmx1g -Xss2m"));
    }

    @Test
    void buildsOnceAndHandsOverToJava() throws Exception {
        Outcome first = launch(root.resolve("lorikeet"), "predict", "--run", "a b", "*");
        assertThat(first.out().lines()).containsSubsequence("--add-modules", "jdk.incubator.vector", "-Xmx1g", "-Xss2m",
                "-Dlorikeet.command=" + root + "/lorikeet", "-cp",
                root + "/cli/target/lorikeet-cli.jar:" + root + "/library.jar", "dev.lorikeet.cli.Main",
                "predict", "--run", "a b", "*");
        assertThat(first.err().lines()).hasSize(2).first().asString().startsWith("lorikeet: building; ");
        assertThat(first.status()).isEqualTo(7);
        assertThat(launch(root.resolve("lorikeet"), "doctor").err()).isEqualTo("word of the JVM\n");
        assertThat(root.resolve("maven.log")).content().isEqualTo(
                "mvn -B -ntp -q -Dmaven.test.skip=true -pl cli -am package with " + jdk + "\n");
    }

    @Test
    void takesWhatAFirstRunHasLeft() throws Exception {
        Path archive = root.resolve("cli/target/lorikeet.aot");
        assertThat(launch(root.resolve("lorikeet"), "doctor").out()).doesNotContain("-XX:AOTCache");
        assertThat(archive).as("what a JVM that makes none leaves").isEmptyFile();
        script(jdk.resolve("bin/java"), """
                for option; do
                    case $option in -XX:AOTCacheOutput=*) echo "$*" >"${option#*=}"; exit 0;; esac
                done
                """ + JAVA);
        Files.writeString(root.resolve("cli/pom.xml"), "changed");
        assertThat(launch(root.resolve("lorikeet"), "doctor").out().lines()).containsSubsequence(
                "-XX:AOTCache=" + archive, "dev.lorikeet.cli.Main", "doctor");
        assertThat(archive).content().contains("dev.lorikeet.cli.Main embed ");
        assertThat(launch(root.resolve("lorikeet"), "bench", "kernels").out()).doesNotContain("-XX:AOTCache");
    }

    /** Ctrl-C while the archive is made ends all of it, and is no word on whether one can be made. */
    @Test
    void anInterruptedArchiveIsMadeAtTheNextStart() throws Exception {
        Path folder = Files.createDirectory(root.resolve("lib"));
        Files.createFile(folder.resolve("lorikeet-cli.jar"));
        String half = """
                for option; do
                    case $option in
                        -XX:AOTCacheOutput=*) echo half >"${option#*=}"; echo half >"${option#*=}.config"; exit 130;;
                    esac
                done
                """;
        script(jdk.resolve("bin/java"), half + JAVA);
        Outcome outcome = launch(root.resolve("lorikeet"), "doctor");
        assertThat(outcome.status()).isEqualTo(130);
        assertThat(outcome.out()).isEmpty();
        assertThat(folder).isDirectoryContaining("glob:**.jar").isDirectoryNotContaining("glob:**.aot*");
        script(jdk.resolve("bin/java"), half.replace("130", "0") + JAVA);
        assertThat(launch(root.resolve("lorikeet"), "doctor").out()).contains("-XX:AOTCache=" + folder);
        assertThat(folder).isDirectoryContaining("glob:**.aot").isDirectoryNotContaining("glob:**.config");
    }

    /** As the zip has it: a runtime is enough, and a JVM that can make no archive is asked once. */
    @Test
    void buildsNothingWhereTheJarsLieBesideIt() throws Exception {
        Path jar = Files.createFile(Files.createDirectory(root.resolve("lib")).resolve("lorikeet-cli.jar"));
        Files.delete(jdk.resolve("bin/javac"));
        Files.delete(bin.resolve("mvn"));
        Outcome first = launch(root.resolve("lorikeet"), "doctor");
        assertThat(first.err()).isEqualTo("lorikeet: the first start takes some seconds more ...\nword of the JVM\n");
        Outcome second = launch(root.resolve("lorikeet"), "doctor");
        assertThat(second.out().lines()).containsSubsequence("-cp", jar.toString(), "dev.lorikeet.cli.Main", "doctor")
                .noneMatch(line -> line.startsWith("-XX:AOTCache"));
        assertThat(second.err()).isEqualTo("word of the JVM\n");
        assertThat(launch(root.resolve("lorikeet"), "bench", "kernels").err()).isEqualTo(
                "lorikeet: the benchmarks are not in this package: they are run in the repository\n");
    }

    /** A JVM that is told of two ends. */
    @Test
    void choosesACollectorWhereNobodyElseDoes() throws Exception {
        assertThat(launch(root.resolve("lorikeet"), "doctor").out().lines()).containsSubsequence("-XX:+UseSerialGC",
                "-Xmn8m", "-Xmx1g");
        assertThat(launch(root.resolve("lorikeet"), "bench", "kernels").out()).doesNotContain("-XX:+Use", "-Xmn");
        environment.put("LORIKEET_JAVA_OPTS", "-Xmx1g -XX:+UseZGC");
        assertThat(launch(root.resolve("lorikeet"), "doctor").out()).doesNotContain("-XX:+UseSerialGC", "-Xmn8m");
        environment.put("LORIKEET_JAVA_OPTS", "-Xmx1g");
        environment.put("TORNADOVM_HOME", directory + "/an sdk");
        Files.createFile(Files.createDirectories(directory.resolve("an sdk")).resolve("tornado-argfile"));
        assertThat(launch(root.resolve("lorikeet"), "doctor").out()).doesNotContain("-XX:+UseSerialGC", "-Xmn8m");
    }

    /** TornadoVM's options come first, for the verbs that can use a device, where an SDK has them. */
    @Test
    void startsTheJvmWithTornadoVmWhereThereIsOne() throws Exception {
        String options = "@" + directory + "/an sdk/tornado-argfile";
        environment.put("TORNADOVM_HOME", directory + "/an sdk");
        assertThat(launch(root.resolve("lorikeet"), "finetune").out().lines()).doesNotContain(options);
        Files.createFile(Files.createDirectories(directory.resolve("an sdk")).resolve("tornado-argfile"));
        for (String verb : List.of("finetune", "evaluate", "doctor")) {
            assertThat(launch(root.resolve("lorikeet"), verb).out().lines()).containsSubsequence(options,
                    "-Dtornado.recover.bailout=False", "--add-modules", "dev.lorikeet.cli.Main", verb);
        }
        assertThat(launch(root.resolve("lorikeet"), "inspect").out().lines()).doesNotContain(options);
    }

    @Test
    void buildsThePeersForTheirBenchmarkAlone() throws Exception {
        for (int i = 0; i < 2; i++) {
            Outcome bench = launch(root.resolve("lorikeet"), "bench", "peers", "--only", "a b");
            assertThat(bench.out().lines()).containsSubsequence(
                    "-Dlorikeet.bench.natives=" + root + "/bench/peers/target/natives", "-cp",
                    root + "/bench/peers/target/lorikeet-bench-peers.jar:" + root + "/library.jar",
                    "dev.lorikeet.bench.peers.engines.Peers", "--only", "a b");
        }
        launch(root.resolve("lorikeet"), "doctor");
        assertThat(root.resolve("maven.log")).content().isEqualTo("""
                mvn -B -ntp -q -Dmaven.test.skip=true -Ppeers -pl bench/peers -am package with %1$s
                mvn -B -ntp -q -Dmaven.test.skip=true -pl cli -am package with %1$s
                """.formatted(jdk));
    }

    @Test
    void measuresKernelsWithoutThePeers() throws Exception {
        Outcome bench = launch(root.resolve("lorikeet"), "bench", "kernels", "--quick");
        assertThat(bench.out().lines()).containsSubsequence("-cp",
                root + "/bench/target/lorikeet-bench.jar:" + root + "/library.jar", "dev.lorikeet.bench.KernelBench",
                "--quick");
        assertThat(root.resolve("maven.log")).content().isEqualTo(
                "mvn -B -ntp -q -Dmaven.test.skip=true -pl bench -am package with " + jdk + "\n");
    }

    @Test
    void handsAnExperimentItsOwnOptions() throws Exception {
        Outcome bench = launch(root.resolve("lorikeet"), "bench", "experiment", "rank-stability", "--help");
        assertThat(bench.out().lines()).containsSubsequence("-cp",
                root + "/bench/target/lorikeet-bench.jar:" + root + "/library.jar",
                "dev.lorikeet.bench.experiments.Experiments", "rank-stability", "--help");
    }

    @Test
    void saysWhatBenchmarksThereAreWithoutABuild() throws Exception {
        for (List<String> arguments : List.of(List.of("bench"), List.of("bench", "--help"),
                List.of("bench", "peers", "--quick", "--help"), List.of("bench", "kernels", "-h"),
                List.of("bench", "experiment"), List.of("bench", "experiment", "--help"))) {
            Outcome outcome = launch(root.resolve("lorikeet"), arguments.toArray(String[]::new));
            assertThat(outcome.out()).startsWith("Usage: lorikeet bench peers ").contains("--only=PATTERN",
                    "Usage: lorikeet bench kernels ", "Usage: lorikeet bench experiment NAME",
                    "Usage: lorikeet bench roofline ", "Usage: lorikeet bench kills ");
            assertThat(outcome.status()).isZero();
        }
        Outcome wrong = launch(root.resolve("lorikeet"), "bench", "press");
        assertThat(wrong.err()).isEqualTo(
                "lorikeet: there is no benchmark 'press', there are peers, kernels, experiment, roofline, kills "
                        + "and site;\nlorikeet: see "
                        + root
                        + "/lorikeet bench --help\n");
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(root.resolve("maven.log")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"lora/src/main/New.java, 2", "cli/pom.xml, 2", "cli/src/test/New.java, 1", "README.md, 1"})
    void buildsAgainWhatHasChanged(String file, int builds) throws Exception {
        launch(root.resolve("lorikeet"));
        Files.createDirectories(root.resolve(file).getParent());
        Files.writeString(root.resolve(file), "changed");
        launch(root.resolve("lorikeet"));
        assertThat(root.resolve("maven.log")).content().hasLineCount(builds);
    }

    @Test
    void buildsAgainWhereALibraryIsGone() throws Exception {
        launch(root.resolve("lorikeet"));
        Files.delete(root.resolve("library.jar"));
        launch(root.resolve("lorikeet"));
        assertThat(root.resolve("maven.log")).content().hasLineCount(2);
    }

    @Test
    void aFailedBuildIsShownAndTriedAgain() throws Exception {
        script(bin.resolve("mvn"), "echo 'what Maven said'; exit 1");
        for (int i = 0; i < 2; i++) {
            Outcome outcome = launch(root.resolve("lorikeet"));
            assertThat(outcome.err().lines()).hasSize(3).contains("what Maven said").last().asString()
                    .isEqualTo("lorikeet: the build failed; the lines above are also in " + root
                            + "/target/launcher-build.log");
            assertThat(outcome.status()).isEqualTo(1);
        }
    }

    @Test
    void saysThatMavenIsMissing() throws Exception {
        Files.delete(bin.resolve("mvn"));
        Outcome outcome = launch(root.resolve("lorikeet"));
        assertThat(outcome.err()).isEqualTo(
                "lorikeet: Maven is missing: install Maven 3.8.7 or newer, so that 'mvn' is on the PATH\n");
        assertThat(outcome.status()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"21.0.4, true", "1.8.0_422, true", "25.0.3, false"})
    void saysWhereItLookedForAJdk(String version, boolean withCompiler) throws Exception {
        writeJdk(version);
        if (!withCompiler) {
            Files.delete(jdk.resolve("bin/javac"));
        }
        Outcome outcome = launch(root.resolve("lorikeet"), "doctor");
        assertThat(outcome.err().lines()).allMatch(line -> line.startsWith("lorikeet: "))
                .anyMatch(
                        line -> line.contains("no JDK 25 or newer found: install one, for example Eclipse Temurin 25"))
                .last().asString().isEqualTo("lorikeet:   " + jdk);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.status()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"JAVA_HOME", "PATH"})
    void takesTheJdkThatTheEnvironmentHas(String variable) throws Exception {
        environment.remove("LORIKEET_JAVA_HOME");
        if (variable.equals("PATH")) {
            Files.createSymbolicLink(bin.resolve("java"), jdk.resolve("bin/java"));
            environment.put("JAVA_HOME", "/nowhere");
        } else {
            environment.put(variable, jdk.toString());
        }
        assertThat(launch(root.resolve("lorikeet")).status()).isEqualTo(7);
        assertThat(root.resolve("maven.log")).content().endsWith(" with " + jdk + "\n");
    }

    @ParameterizedTest
    @CsvSource({"LC_ALL, C", "LC_ALL, POSIX", "LANG, C", "LC_CTYPE, C", "LANG, nowhere.UTF-8", ", "})
    void whereTheLocaleHasNoUtf8JavaAndMavenGetOneThatHas(String variable, String locale) throws Exception {
        script(bin.resolve("locale"), "exec " + find("locale") + " \"$@\"");
        if (variable != null) {
            environment.put(variable, locale);
        }
        Outcome outcome = launch(root.resolve("lorikeet"), "predict");
        assertThat(outcome.out()).startsWith("locale C.UTF-8\n");
        assertThat(outcome.err()).doesNotContain("setlocale");
        assertThat(root.resolve("maven.locale")).hasContent("locale C.UTF-8");
    }

    @Test
    void aLocaleWithUtf8Stays() throws Exception {
        script(bin.resolve("locale"), "echo UTF-8");
        environment.put("LC_ALL", "");
        environment.put("LANG", "de_DE.UTF-8");
        assertThat(launch(root.resolve("lorikeet"), "predict").out()).startsWith("locale \n");
    }

    @Test
    void findsItsRootThroughLinks() throws Exception {
        Path link = Files.createSymbolicLink(bin.resolve("relative"), Path.of("../a root/lorikeet"));
        Path linkToLink = Files.createSymbolicLink(directory.resolve("absolute"), link);
        assertThat(launch(linkToLink).out()).contains("\n" + root + "/cli/target/lorikeet-cli.jar:");
    }

    private Outcome launch(Path script, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(find("bash").toString(), "-c", WITH_ALL_ERRORS, "bash", script
                .toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.directory(directory.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), out, err);
    }

    private void writeJdk(String version) throws IOException {
        Files.createDirectories(jdk.resolve("bin"));
        Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        script(jdk.resolve("bin/java"), JAVA);
        script(jdk.resolve("bin/javac"), "");
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private static Path find(String tool) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator)).map(place -> Path.of(place, tool))
                .filter(Files::isExecutable).findFirst().orElseThrow();
    }
}
