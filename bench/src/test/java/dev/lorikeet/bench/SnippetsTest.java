package dev.lorikeet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the pages show as Java is Java: each snippet stands, line by line, in a test, which the build compiles and runs.
 */
class SnippetsTest {
    private static final Path ROOT = Path.of(System.getProperty("lorikeet.basedir"));
    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern OURS = Pattern.compile("<groupId>dev\\.lorikeet</groupId>\\s*"
            + "<artifactId>([^<]*)</artifactId>\\s*<version>([^<]*)</version>");
    private static final List<List<String>> TESTS = tests();

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/guide.md", "docs/tour.md"})
    void everySnippetIsOfATest(String page) throws IOException {
        List<List<String>> snippets = JAVA.matcher(Files.readString(ROOT.resolve(page))).results()
                .map((MatchResult found) -> lines(Objects.requireNonNull(found.group(1)))).toList();
        assertThat(snippets).isNotEmpty();
        for (List<String> snippet : snippets) {
            boolean found = TESTS.stream().anyMatch(test -> Collections.indexOfSubList(test, snippet) >= 0);
            assertThat(found).as("a test has these lines: %s", snippet).isTrue();
        }
    }

    @Test
    void theGuideNamesArtefactsThatAreMade() throws IOException {
        List<MatchResult> named = OURS.matcher(Files.readString(ROOT.resolve("docs/guide.md"))).results().toList();
        assertThat(named).hasSize(3).allSatisfy(artefact -> {
            String version = artefact.group(2);
            try (Stream<Path> poms = Files.walk(ROOT.resolve("integrations"), 2)) {
                assertThat(poms.filter(file -> file.endsWith("pom.xml"))).as(artefact.group(1))
                        .anyMatch(pom -> read(pom).contains("<version>" + version + "</version>") && read(pom)
                                .contains("</parent>\n\n  <artifactId>" + artefact.group(1) + "</artifactId>"));
            }
        });
    }

    /** Without indentation, which is another in a test. */
    private static List<String> lines(String text) {
        return text.lines().map(String::strip).toList();
    }

    private static List<List<String>> tests() {
        try (Stream<Path> modules = Stream.concat(Files.list(ROOT), Files.list(ROOT.resolve("integrations")))) {
            return modules.map(module -> module.resolve("src/test/java")).filter(Files::isDirectory)
                    .flatMap(SnippetsTest::javaFiles).map(file -> lines(read(file))).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> javaFiles(Path folder) {
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
