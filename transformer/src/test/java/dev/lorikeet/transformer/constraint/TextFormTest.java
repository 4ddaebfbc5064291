package dev.lorikeet.transformer.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Beside what Python's jsonschema and re say. */
class TextFormTest {
    private static final JsonObject RECORDED = JsonObject.read(Path.of(System.getProperty("lorikeet.basedir", ""),
            "fixtures/forms/forms.json"));

    private static JsonObject schema(String text) {
        return new JsonObject(Path.of("schema"), "", Json.readObject(text, Path.of("schema")));
    }

    @TestFactory
    Stream<DynamicTest> schemasAllowWhatTheyAllow() {
        assertThat(RECORDED.objects("cases")).hasSizeGreaterThan(15);
        return RECORDED.objects("cases").stream().map(each -> DynamicTest.dynamicTest(each.string("name"), () -> {
            TextForm form = TextForm.jsonSchema(each.object("schema"));
            assertThat(each.list("allowed")).isNotEmpty().allMatch(text -> form.matches((String) text));
            assertThat(each.list("refused")).noneMatch(text -> form.matches((String) text));
        }));
    }

    @TestFactory
    Stream<DynamicTest> expressionsMatchWhatTheyMatch() {
        List<?> texts = RECORDED.list("texts");
        return RECORDED.objects("expressions").stream()
                .map(each -> DynamicTest.dynamicTest("of " + each.string("expression"),
                        () -> {
                            TextForm form = TextForm.regex(each.string("expression"));
                            assertThat(texts.stream().filter(text -> form.matches((String) text)).toList())
                                    .isEqualTo(each.list("matches"));
                        }));
    }

    @Test
    void anyObjectIsOneUpToFourLevels() {
        TextForm form = TextForm.jsonObject();
        assertThat(form.matches("{}")).isTrue();
        assertThat(form.matches("{\"a\": [1, {\"b\": null}, \"\\u00e9\"], \"c\": {\"d\": [[true]]}}")).isTrue();
        assertThat(form.matches("[]")).isFalse();
        assertThat(form.matches("{\"a\": [[[[1]]]]}")).isTrue();
        assertThat(form.matches("{\"a\": [[[[[1]]]]]}")).isFalse();
        assertThat(form.matches("{\"a\": \"\\ud83d\"}")).as("half a pair").isFalse();
        assertThat(form.matches("{\"a\":  1}")).as("two spaces").isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            (a      ~ a bracket is not closed
            a)      ~ a bracket is closed that was not opened
            [a      ~ a class is not closed
            *a      ~ there is nothing to count
            a**     ~ a count behind a count is not supported
            a+?     ~ a count behind a count is not supported
            (?=a)   ~ a group with ? is (?:…), others are not supported
            (a)\\1  ~ the escape \\1 is not supported
            \\bword ~ the escape \\b is not supported
            a^b     ~ begins and ends within a text are not supported
            [z-a]   ~ a range goes from a character to a later one
            [a&&b]  ~ classes within classes are not supported
            a{3,1}  ~ a count is {n}, {n,} or {n,m}
            a{9999} ~ a number of at most 1000 is expected
            \\uD800 ~ half a surrogate pair is no character
            a\\     ~ a backslash at the end
            """)
    void whatIsNoSuchExpressionIsRefused(String expression, String rule) {
        assertThatThrownBy(() -> TextForm.regex(expression)).isInstanceOf(InputException.class)
                .hasMessageStartingWith("regular expression: character ").hasMessageContaining(rule);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            {"type": "strin"}                                      ~ schema: type: must be one of array, boolean,
            {"type": "integer", "minimum": 1}                      ~ schema: minimum: is not supported here
            {"oneOf": []}                                          ~ schema: oneOf: is not supported here
            {"anyOf": []}                                          ~ schema: anyOf: is empty
            {"type": "integer", "enum": ["a", 1.5]}                ~ schema: enum: has no value of the type
            {"type": "string", "const": 5}                         ~ schema: const: has no value of the type
            {"type": "object", "required": ["a"]}                  ~ schema: required: needs properties
            {"enum": []}                                           ~ schema: enum: is empty
            {"$ref": "#/$defs/x"}                                  ~ schema: $ref: must be #/$defs/NAME
            {"type": "string", "pattern": "a"}                     ~ schema: pattern: must be of the whole text
            {"type": "array", "minItems": -1}                      ~ schema: minItems: must not be negative
            {"type": "object", "properties": {}, "required": [1]}  ~ schema: required: 1 is none of the properties
            {"type": "object", "properties": {"a": 1}}             ~ schema: properties.a:
            {"$defs": {"x": {"type": "array", "items": {"$ref": "#/$defs/x"}}}, "$ref": "#/$defs/x"} ~ in a circle
            """)
    void whatIsNoSuchSchemaIsRefused(String schema, String rule) {
        assertThatThrownBy(() -> TextForm.jsonSchema(schema(schema))).isInstanceOf(InputException.class)
                .hasMessageContaining(rule);
    }

    @Test
    void valuesAreOfTheTypeToo() {
        TextForm form = TextForm
                .jsonSchema(schema("{\"type\": [\"integer\", \"null\"], \"enum\": [\"a\", 1, 2.0, null, 2.5]}"));
        assertThat(form.matches("1") && form.matches("2.0") && form.matches("null")).isTrue();
        assertThat(form.matches("\"a\"") || form.matches("2.5")).isFalse();
    }

    /** Each definition means a hundred of the next: a million million in all. */
    @Test
    void definitionsThatMultiplyAreRefused() {
        StringBuilder text = new StringBuilder("{\"$ref\": \"#/$defs/d0\", \"$defs\": {");
        for (int i = 0; i < 7; i++) {
            text.append("\"d").append(i).append("\": {\"anyOf\": [")
                    .append(String.join(", ", Collections.nCopies(100, "{\"$ref\": \"#/$defs/d" + (i + 1) + "\"}")))
                    .append("]}, ");
        }
        JsonObject schema = schema(text + "\"d7\": {\"type\": \"null\"}}}");
        assertThatThrownBy(() -> TextForm.jsonSchema(schema)).isInstanceOf(InputException.class)
                .hasMessageContaining("more than 10000 schemas within each other");
    }

    @Test
    void whatIsTooLargeIsRefused() {
        assertThatThrownBy(() -> TextForm.regex("[ab]*a[ab]{20}").matches(Stream.generate(Math::random).limit(100_000)
                .map(draw -> draw < 0.5 ? "a" : "b").collect(Collectors.joining()))).isInstanceOf(InputException.class)
                .hasMessageContaining("too many ways in which a text may go on");
        assertThatThrownBy(() -> TextForm.regex("((a{1000}){1000}){1000}").matches("a"))
                .isInstanceOf(InputException.class).hasMessageContaining("is too large");
        assertThatThrownBy(() -> TextForm.regex("(".repeat(100) + ")".repeat(100)))
                .isInstanceOf(InputException.class).hasMessageContaining("nested more than 64 deep");
        assertThatThrownBy(() -> TextForm.jsonSchema(schema(
                "{\"type\": \"string\", \"pattern\": \"^\\\"$\"}")).matches("")).isInstanceOf(InputException.class)
                .hasMessageContaining("there is no text of it");
    }
}
