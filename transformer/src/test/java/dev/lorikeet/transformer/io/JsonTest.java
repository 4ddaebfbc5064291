package dev.lorikeet.transformer.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {
    private static final Path SOURCE = Path.of("a.json");

    @TempDir
    private Path directory;

    @Test
    void readsEveryKindOfValueInTheFilesOrder() throws IOException {
        Path file = Files.writeString(directory.resolve("a.json"), """
                {"text": "\\u00e9\\n\\ud83d\\ude00 é", "int": -2147483648, "long": 2147483648,
                 "big": 9223372036854775808, "double": 1.5e-3, "flag": true, "none": null,
                 "list": [1, "a", [], {}], "object": {"z": 1, "a": 2}, "": 0}
                """);
        Map<String, Object> object = Json.readObject(file);
        assertThat(object.keySet()).containsExactly("text", "int", "long", "big", "double", "flag", "none", "list",
                "object", "");
        assertThat(object.values()).containsExactly("é\n\uD83D\uDE00 é", Integer.MIN_VALUE, 1L << 31,
                BigInteger.ONE.shiftLeft(63), 1.5e-3, true, null, List.of(1, "a", List.of(), Map.of()),
                Map.of("z", 1, "a", 2), 0);
        assertThat(((Map<?, ?>) object.get("object")).keySet()).hasToString("[z, a]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                            | line 1: a JSON object, starting with {, is expected
            [{"a": 1}]                    | line 1: a JSON object, starting with {, is expected
            null                          | line 1: a JSON object, starting with {, is expected
            {"a": 1}~{"b": 2}             | line 2, column 1: there is text after the JSON object
            {"a": 1} x                    | line 1, column
            {"a": 1,~ "a": 1}             | line 2, column 5: not valid JSON: Duplicate field 'a'
            {"b": {"a": 1, "\\u0061": 2}} | not valid JSON: Duplicate field 'a'
            {"a": 1                       | not valid JSON: Unexpected end-of-input
            {"a": NaN}                    | not valid JSON: Non-standard token 'NaN'
            {"a": [-Infinity]}            | not valid JSON: Non-standard token '-Infinity'
            {"a": {"b": [1, 1e309]}}      | a.b: the number is too large
            {"a": {"b": ["\\ud83d"]}}     | a.b: half a surrogate pair is no character
            {"a": {"\\ude00\\ud83d": 1}}  | surrogate
            {"a": {"\\ud83d": 1}}         | surrogate
            {"a": -1e309}                 | a: the number is too large
            {"a": 01}                     | not valid JSON: Invalid numeric value: Leading zeroes not allowed
            {"a": +1}                     | not valid JSON
            {"a": .5}                     | not valid JSON
            {"a": 1,}                     | not valid JSON
            {'a': 1}                      | not valid JSON
            {a: 1}                        | not valid JSON
            {"a": 1 /* one */}            | not valid JSON
            {"a": "\\x"}                  | not valid JSON: Unrecognized character escape
            {"a": "~"}                    | not valid JSON: Illegal unquoted character
            """)
    void refusesWhatIsNotStrictlyAnObject(String text, String expected) {
        assertThatThrownBy(() -> Json.readObject(text.replace('~', '\n'), SOURCE)).isInstanceOf(InputException.class)
                .hasMessageStartingWith("a.json: ").hasMessageContaining(expected);
    }

    @Test
    void countsTheLinesOfAFileOfLines() {
        assertThat(Json.readLine("{\"a\": 1}", SOURCE, 7)).isEqualTo(Map.of("a", 1));
        assertThatThrownBy(() -> Json.readLine("{\"a\" 1}", SOURCE, 7)).isInstanceOf(InputException.class)
                .hasMessageStartingWith("a.json: line 7, column 6: not valid JSON");
    }

    @Test
    void limitsNestingAndNumbers() {
        assertThat(Json.readObject(nested(64), SOURCE)).isNotEmpty();
        assertThatThrownBy(() -> Json.readObject(nested(65), SOURCE)).isInstanceOf(InputException.class)
                .hasMessageContaining("nesting depth (65) exceeds the maximum allowed (64");
        assertThatThrownBy(() -> Json.readObject("{\"a\": " + "1".repeat(401) + "}", SOURCE))
                .isInstanceOf(InputException.class).hasMessageContaining("length (401) exceeds the maximum");
    }

    private static String nested(int depth) {
        return "{\"a\":".repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
    }

    @Test
    void refusesFilesThatCannotBeRead() throws IOException {
        Path file = directory.resolve("b.json");
        assertThatThrownBy(() -> Json.readObject(file)).isInstanceOf(InputException.class)
                .hasMessage(file + ": open: there is no such file");
        assertThatThrownBy(() -> Json.readObject(directory)).isInstanceOf(InputException.class)
                .hasMessageStartingWith(directory + ": open: is a directory, a file is expected");
        Files.write(file, "{\"caf\u00E9\": 1}".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> Json.readObject(file)).isInstanceOf(InputException.class)
                .hasMessage(file + ": JSON: the text is not UTF-8");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength((256 << 20) + 1);
        }
        assertThatThrownBy(() -> Json.readObject(file)).isInstanceOf(InputException.class)
                .hasMessage(file + ": size: JSON files over 256 MiB are not read");
    }

    @Test
    void writesIndentedOrOnOneLine() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("b", List.of(1, 2.5));
        object.put("a", null);
        object.put("empty", Arrays.asList(Map.of(), List.of()));
        object.put("text", "\"\n\u00E9");
        assertThat(Json.write(object)).isEqualTo("""
                {
                  "b": [
                    1,
                    2.5
                  ],
                  "a": null,
                  "empty": [
                    {},
                    []
                  ],
                  "text": "\\"\\né"
                }
                """);
        assertThat(Json.writeLine(object))
                .isEqualTo("{\"b\":[1,2.5],\"a\":null,\"empty\":[{},[]],\"text\":\"\\\"\\né\"}\n");
    }

    @Test
    void writesNothingThatItWouldNotRead() {
        for (Object value : List.of(Double.NaN, Float.NEGATIVE_INFINITY, Map.of(1, 2), 'c', new int[0], "\uD83D",
                Map.of("\uDE00", 1))) {
            for (Object nested : List.of(value, List.of(value), Map.of("a", value))) {
                assertThatThrownBy(() -> Json.write(nested)).isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith("json: value");
                assertThatThrownBy(() -> Json.writeLine(nested)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }
}
