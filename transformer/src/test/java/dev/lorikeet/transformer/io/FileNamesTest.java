package dev.lorikeet.transformer.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Java finds no path for in a locale of C is a test of the command, which starts such a JVM. */
class FileNamesTest {
    private static final Path FOLDER = Path.of("folder");

    @Test
    void relativeNamesStartFromTheFolder() {
        assertThat(FileNames.resolve(FOLDER, "a/b", InputException::new)).isEqualTo(Path.of("folder/a/b"));
        assertThat(FileNames.resolve(FOLDER, "/a", InputException::new)).isEqualTo(Path.of("/a"));
        assertThat(FileNames.of("a", "what")).isEqualTo(Path.of("a"));
        JsonObject object = new JsonObject(Path.of("x.json"), "data", Map.of("file", "a.tsv"));
        assertThat(object.path("file", FOLDER)).isEqualTo(Path.of("folder/a.tsv"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\0b", "half a pair \uD83D"})
    void whatIsNoNameOfAFileIsRefused(String name) {
        assertThatThrownBy(() -> FileNames.of(name, "--run")).isInstanceOf(InputException.class)
                .hasMessageStartingWith("--run: \"").hasMessageContaining("\" is no name of a file");
        JsonObject object = new JsonObject(Path.of("x.json"), "data", Map.of("file", name));
        assertThatThrownBy(() -> object.path("file", FOLDER)).isInstanceOf(InputException.class)
                .hasMessageStartingWith("x.json: data.file: \"").hasMessageContaining("\" is no name of a file");
    }

    @Test
    void wordsThatWereNotDecodedAreRefused() {
        FileNames.requireDecoded("très bon \uD83D\uDE00", "argument 1");
        assertThatThrownBy(() -> FileNames.requireDecoded("tr\uFFFD\uFFFDs bon", "argument 1"))
                .isInstanceOf(InputException.class).hasMessageStartingWith("argument 1: \"")
                .hasMessageContaining("is no text in the locale's encoding (sun.jnu.encoding), ");
    }
}
