package dev.lorikeet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What the formatter does not see to: files stay short and narrow, every package says what it is for, and a clone is
 * enough.
 */
class SourceFilesTest {

    private static final Path ROOT = Path.of(System.getProperty("lorikeet.basedir"));
    private static final int MAX_LINES = 400;
    private static final int MAX_COLUMNS = 120;

    /** Those of the product, and what makes other forms of it. */
    private static final List<String> FOLDERS = Stream.concat(ProductClasses.MODULES.stream(),
            Stream.of("integrations/all", "integrations/langchain4j", "integrations/spring-ai")).toList();

    @Test
    void filesAreShort() throws IOException {
        for (Path file : javaFiles("src")) {
            assertThat(Files.readAllLines(file)).as("lines of %s", file).hasSizeLessThan(MAX_LINES);
        }
    }

    /** A row of a table is as wide as what stands in it. */
    @Test
    void linesFitTheWidthOfTheHouse() throws IOException {
        List<Path> files = new ArrayList<>(javaFiles("src"));
        for (String name : List.of("lorikeet", "README.md", "CONTRIBUTING.md", "SECURITY.md")) {
            files.add(ROOT.resolve(name));
        }
        for (String folder : List.of("build", "docs", "cli/src/main/resources", "lora/src/main/resources")) {
            try (Stream<Path> tree = Files.walk(ROOT.resolve(folder))) {
                tree.filter(file -> file.toString().matches(".*\\.(md|sh|py|css)")).forEach(files::add);
            }
        }
        for (Path file : files) {
            assertThat(Files.readAllLines(file)).as("columns of %s", file)
                    .filteredOn(line -> !line.startsWith("|") && !line.contains(" | "))
                    .allMatch(line -> line.length() <= MAX_COLUMNS);
        }
    }

    @Test
    void everyPackageIsDescribedAndNullMarked() throws IOException {
        for (Path file : javaFiles("src/main")) {
            if (file.endsWith("module-info.java")) {
                assertThat(file).content().startsWith("/**");
            } else {
                assertThat(file.resolveSibling("package-info.java")).content()
                        .startsWith("/**").contains("\n@NullMarked\n");
            }
        }
    }

    /** A stranger's clone has nothing beside it. */
    @Test
    void noFileIsLookedForOutsideTheRepository() throws IOException {
        List<Path> files = new ArrayList<>(javaFiles("src"));
        files.add(ROOT.resolve("pom.xml"));
        FOLDERS.forEach(module -> files.add(ROOT.resolve(module).resolve("pom.xml")));
        for (Path file : files) {
            assertThat(file).content().doesNotContain("../" + "shared");
        }
    }

    /** Why: see VectorKernels. */
    @Test
    void vectorsAreOfOneSpecies() throws IOException {
        for (Path file : javaFiles("src/main")) {
            if (file.startsWith(ROOT.resolve("tensor")) && !file.endsWith("KernelChoice.java")) {
                assertThat(file).content().doesNotContainPattern("SPECIES_\\d|VectorSpecies\\.of|VectorShape");
            }
        }
    }

    /** The Java files below {@code folder} of every module. */
    private static List<Path> javaFiles(String folder) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String module : FOLDERS) {
            Path directory = ROOT.resolve(module).resolve(folder);
            if (Files.isDirectory(directory)) {
                try (Stream<Path> tree = Files.walk(directory)) {
                    tree.filter(file -> file.toString().endsWith(".java")).forEach(files::add);
                }
            }
        }
        assertThat(files).isNotEmpty();
        return files;
    }
}
