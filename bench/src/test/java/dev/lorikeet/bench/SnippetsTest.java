package dev.lorikeet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What the pages show as Java is Java: each snippet stands, line by line, in a test, which the build compiles, and runs
 * where it is a program.
 */
class SnippetsTest {
    private static final Path ROOT = Path.of(System.getProperty("lorikeet.basedir"));
    private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern OURS = Pattern.compile("<groupId>dev\\.lorikeet</groupId>\\s*"
            + "<artifactId>([^<]*)</artifactId>\\s*<version>([^<]*)</version>");
    private static final List<List<String>> TESTS = tests();

    @Test
    void everySnippetIsOfATest() throws IOException {
        List<List<String>> snippets = new ArrayList<>();
        for (Path page : pages()) {
            JAVA.matcher(Files.readString(page)).results()
                    .forEach((MatchResult found) -> snippets.add(lines(Objects.requireNonNull(found.group(1)))));
        }
        assertThat(snippets).hasSizeGreaterThan(10);
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

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(Stream.of(ROOT.resolve("README.md")), docs.filter(file -> file.toString()
                    .endsWith(".md"))).toList();
        }
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
