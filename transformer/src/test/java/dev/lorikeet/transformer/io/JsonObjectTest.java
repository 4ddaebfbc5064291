package dev.lorikeet.transformer.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JsonObjectTest {
    private static final Path SOURCE = Path.of("a.json");
    private static final JsonObject OBJECT = new JsonObject(SOURCE, "", Json.readObject("""
            {"text": "x", "flag": true, "int": 3, "long": 2147483648, "double": 2.5, "none": null, "list": [1, "a"],
             "object": {"inner": {"text": "y"}}, "objects": [{"n": 1}, {"n": 2}], "mixed": [{"n": 1}, 5],
             "many": "%s"}
            """.formatted("m".repeat(100)), SOURCE));

    @TempDir
    private Path directory;

    @Test
    void givesFieldsByTheirTypes() {
        assertThat(OBJECT.string("text")).isEqualTo("x");
        assertThat(OBJECT.flag("flag")).isTrue();
        assertThat(OBJECT.integer("int")).isEqualTo(3);
        assertThat(List.of(OBJECT.number("int"), OBJECT.number("long"), OBJECT.number("double")))
                .containsExactly(3.0, 0x1p31, 2.5);
        assertThat(OBJECT.list("list")).isEqualTo(List.of(1, "a"));
        assertThat(OBJECT.object("object").object("inner").string("text")).isEqualTo("y");
        assertThat(OBJECT.objects("objects")).extracting(object -> object.integer("n")).containsExactly(1, 2);
    }

    @Test
    void takesTheDefaultWhereAFieldIsMissingOrNull() {
        for (String absent : List.of("none", "missing")) {
            assertThat(OBJECT.has(absent)).isFalse();
            assertThat(OBJECT.string(absent, "d")).isEqualTo("d");
            assertThat(OBJECT.flag(absent, true)).isTrue();
            assertThat(OBJECT.integer(absent, 7)).isEqualTo(7);
            assertThat(OBJECT.number(absent, 0.5)).isEqualTo(0.5);
        }
        assertThat(OBJECT.string("text", "d")).isEqualTo("x");
        assertThat(OBJECT.flag("flag", false)).isTrue();
        assertThat(OBJECT.integer("int", 7)).isEqualTo(3);
        assertThat(OBJECT.number("double", 7)).isEqualTo(2.5);
    }

    static Stream<Arguments> wrong() {
        return Stream.of(wrong(o -> o.string("missing"), "missing: is missing, a string is expected"),
                wrong(o -> o.string("none"), "none: is null, a string is expected"),
                wrong(o -> o.string("int", "d"), "int: a string is expected, not 3"),
                wrong(o -> o.flag("text"), "text: true or false is expected, not \"x\""),
                wrong(o -> o.flag("int", true), "int: true or false is expected, not 3"),
                wrong(o -> o.integer("long"), "long: a whole number below 2^31 is expected, not 2147483648"),
                wrong(o -> o.integer("double", 1), "double: a whole number below 2^31 is expected, not 2.5"),
                wrong(o -> o.number("flag"), "flag: a number is expected, not true"),
                wrong(o -> o.list("object"), "object: a list is expected, not {\"inner\": {\"text\": \"y\"}}"),
                wrong(o -> o.object("list"), "list: an object is expected, not [1, \"a\"]"),
                wrong(o -> o.object("object").object("inner").integer("n"),
                        "object.inner.n: is missing, a whole number below 2^31 is expected"),
                wrong(o -> o.objects("objects").get(1).string("n"), "objects[1].n: a string is expected, not 2"),
                wrong(o -> o.objects("mixed"), "mixed[1]: an object is expected, not 5"),
                wrong(o -> o.integer("many"),
                        "many: a whole number below 2^31 is expected, not \"" + "m".repeat(60) + "…\""));
    }

    private static Arguments wrong(Function<JsonObject, Object> access, String expected) {
        return Arguments.of(expected, access);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrong")
    void namesFileFieldAndRule(String expected, Function<JsonObject, Object> access) {
        assertThatThrownBy(() -> access.apply(OBJECT)).isInstanceOf(InputException.class)
                .hasMessage("a.json: " + expected);
    }

    @Test
    void refusesFieldsThatNobodyReads() throws IOException {
        Path file = Files.writeString(directory.resolve("b.json"), "{\"o\": {\"a\": 1, \"b\": 2}}");
        JsonObject object = JsonObject.read(file).object("o");
        object.allowOnly(Set.of("a", "b", "c"));
        assertThatThrownBy(() -> object.allowOnly(Set.of("a"))).isInstanceOf(InputException.class)
                .hasMessage(file + ": o.b: unknown field");
        assertThat(object.fields()).isEqualTo(Map.of("a", 1, "b", 2));
    }
}
