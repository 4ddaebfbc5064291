package dev.lorikeet.all;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lorikeet.all.Application.Outcome;
import dev.lorikeet.transformer.weights.BuiltInModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The README's example in JVMs that have the jar alone: no library beside it, no native code, and a folder of their own
 * that they may only read, but for {@code out} in it.
 */
@Tag("slow")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "its files have no POSIX permissions")
class EmbeddedTest {
    private static final String MODEL = "all-MiniLM-L6-v2";
    private static final String[] VECTORS = {"--add-modules", "jdk.incubator.vector"};
    private static final String WARNING = "WARNING: Using incubator modules: jdk.incubator.vector\n";

    @TempDir
    private static Path place;
    private static Path jar;
    private static Path cache;

    @TempDir
    private Path own;

    /** Where anybody may read, as the repository's folder need not be. */
    @BeforeAll
    static void jarAndModelAreAlone() throws IOException {
        permit(place, "rwxr-xr-x");
        jar = Files.copy(OneJar.PATH, place.resolve("lorikeet-all.jar"));
        cache = place.resolve("cache");
        Path model = Files.createDirectories(cache.resolve("models").resolve(MODEL));
        try (Stream<Path> files = Files.list(BuiltInModels.directory(MODEL))) {
            for (Path file : files.toList()) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
    }

    /** And without the Vector API to the same bits, later, with a line in the log that says what to pass. */
    @Test
    void theExampleRunsOnTheClassPath() throws Exception {
        Application application = Application.onTheClassPath(jar, own.resolve("app"));
        Outcome fast = run(List.of(), application, VECTORS);
        assertThat(fast.err()).isEqualTo(WARNING);
        byte[] adapter = Files.readAllBytes(adapter());
        Outcome slow = run(List.of(), application);
        assertThat(slow.err()).isEqualTo("INFO kernels: scalar: the module jdk.incubator.vector is absent: "
                + "pass --add-modules jdk.incubator.vector for speed\n");
        assertThat(slow.out()).isEqualTo(fast.out());
        assertThat(Files.readAllBytes(adapter())).isEqualTo(adapter);
    }

    /** As nobody, where there is no network; root may write where nobody may, and would not see what is needed. */
    @Test
    void theExampleRunsOnTheModulePathWithoutRightsAndNetwork() throws Exception {
        Optional<List<String>> before = withoutRightsAndNetwork();
        Application application = Application.onTheModulePath(jar, own.resolve("app"));
        Outcome outcome = run(before.orElse(List.of()), application, VECTORS);
        assertThat(outcome.err()).isEqualTo(WARNING);
        assumeTrue(before.isPresent(), "it ran, but with the rights of this user and its network: unshare and setpriv "
                + "of util-linux are not here, or not permitted, or the JDK is where others cannot read");
    }

    private Outcome run(List<String> before, Application application, String... options) throws Exception {
        permit(own, "rwxr-xr-x");
        Path work = Files.createDirectories(own.resolve("work"));
        permit(work, "rwxr-xr-x");
        Files.writeString(work.resolve("train.tsv"), """
                text	label
                a young cat	animal
                a tall evergreen tree	plant
                any of several large birds of prey	animal
                an annual herb with yellow flowers	plant
                """);
        Files.writeString(work.resolve("test.tsv"), "text\tlabel\na kind of horse\tanimal\na fern\tplant\n");
        permit(Files.createDirectories(work.resolve("out")), "rwxrwxrwx");
        permit(work, "r-xr-xr-x");
        permit(cache, "r-xr-xr-x");
        try {
            Outcome outcome = application.run(before, work, cache, options);
            assertThat(outcome.status()).as(outcome.err()).isZero();
            assertThat(outcome.out()).matches("(animal|plant) 0\\.\\d+\\R");
            assertThat(names(work)).containsExactly("out", "test.tsv", "train.tsv");
            assertThat(names(work.resolve("out"))).containsExactly("mine");
            assertThat(adapter()).isNotEmptyFile();
            return outcome;
        } finally {
            permit(cache, "rwxr-xr-x");
            permit(work, "rwxr-xr-x");
        }
    }

    private Path adapter() {
        return own.resolve("work/out/mine/adapter/adapter_model.safetensors");
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static void permit(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    /** What starts a program as nobody where there is no network: as root, or in a namespace of a user's own. */
    private static Optional<List<String>> withoutRightsAndNetwork() throws InterruptedException {
        String unshare = tool("unshare");
        boolean root = System.getProperty("user.name").equals("root");
        List<String> before = root
                ? List.of(unshare, "--net", tool("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups")
                : List.of(unshare, "--user", "--net");
        List<String> command = Stream.concat(before.stream(),
                Stream.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-version")).toList();
        try {
            return new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0 ? Optional.of(before)
                            : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static String tool(String name) {
        return Stream.of("/usr/bin", "/bin").map(folder -> Path.of(folder, name)).filter(Files::isExecutable)
                .map(Path::toString).findFirst().orElse(name);
    }
}
