package dev.lorikeet.transformer.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Strict JSON: objects of a file as plain maps and lists, and back.
 *
 * <p>Reading refuses what a lenient parser lets through: a name given twice, text after the object, {@code NaN} and
 * {@code Infinity} (also as a number too large for a double), bytes that are not UTF-8, half surrogate pairs, nesting
 * beyond {@value #MAX_DEPTH} levels, files beyond 256 MiB. For typed access to fields see {@link JsonObject}.
 */
public final class Json {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_BYTES = 256 << 20;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxDocumentLength(MAX_BYTES)
                    .maxStringLength(MAX_BYTES)
                    .maxNumberLength(400)
                    .build())
            .build();
    private static final JSON READER = JSON.builder(FACTORY).build();
    private static final JSON LINE_WRITER = JSON.builder(FACTORY).enable(JSON.Feature.WRITE_NULL_PROPERTIES).build();
    private static final Separators SEPARATORS = Separators.createDefaultInstance()
            .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
            .withObjectEmptySeparator("")
            .withArrayEmptySeparator("");
    private static final DefaultIndenter INDENT = new DefaultIndenter("  ", "\n");

    private Json() {}

    /**
     * Reads a file that holds one JSON object.
     *
     * @return the fields in the file's order; values are {@code Map}, {@code List}, {@code String}, {@code Integer},
     *     {@code Long}, {@code BigInteger}, {@code Double}, {@code Boolean} or null
     * @throws InputException if the file is missing or too large, or breaks one of the rules above
     */
    public static Map<String, Object> readObject(Path file) {
        return readObject(InputFile.bytes(file, MAX_BYTES, "JSON files"), file);
    }

    /**
     * As {@link #readObject(Path)}, from bytes already read.
     *
     * @param source the file the bytes are from, for the error messages
     */
    public static Map<String, Object> readObject(byte[] utf8, Path source) {
        return readObject(decode(utf8, source), source);
    }

    /**
     * As {@link #readObject(Path)}, from text already read.
     *
     * @param source the file the text is from, for the error messages
     */
    public static Map<String, Object> readObject(String text, Path source) {
        return readObject(text, source, 1);
    }

    /**
     * As {@link #readObject(Path)}, from one line of a file that holds an object on each.
     *
     * @param source the file the line is from, for the error messages
     * @param line the line's number, from 1, for the error messages
     */
    public static Map<String, Object> readLine(String text, Path source, int line) {
        return readObject(text, source, line);
    }

    private static Map<String, Object> readObject(String text, Path source, int firstLine) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new InputException(source, "line " + firstLine, "a JSON object, starting with {, is expected");
            }
            Map<String, Object> object = READER.mapFrom(parser);
            if (parser.nextToken() != null) {
                throw new InputException(source, place(parser.currentTokenLocation(), firstLine),
                        "there is text after the JSON object");
            }
            requireSound(object, source, "");
            return object;
        } catch (JsonProcessingException e) {
            String place = e.getLocation() == null ? "line " + firstLine : place(e.getLocation(), firstLine);
            throw new InputException(source, place, "not valid JSON: " + reason(e));
        } catch (IOException e) {
            throw new UncheckedIOException("text in memory", e);
        }
    }

    /**
     * Writes maps, lists, strings, numbers, booleans and nulls as JSON, indented by two spaces, fields in the map's own
     * order, a line break at the end.
     *
     * @throws IllegalArgumentException if there is a value of another type, a NaN, an infinity or half a surrogate pair
     */
    public static String write(Object value) {
        requireWritable(value, "value");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter(SEPARATORS).withObjectIndenter(INDENT)
                .withArrayIndenter(INDENT);
        try {
            return JSON.builder(FACTORY).enable(JSON.Feature.WRITE_NULL_PROPERTIES).prettyPrinter(printer).build()
                    .asString(value) + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException("text in memory", e);
        }
    }

    /** A number as JSON can have it: one that is not finite by its name, as {@link JsonObject#anyNumber} reads it. */
    public static Object number(double value) {
        return Double.isFinite(value) ? value : Double.toString(value);
    }

    /**
     * As {@link #write}, on one line.
     *
     * @throws IllegalArgumentException as {@link #write}
     */
    public static String writeLine(Object value) {
        requireWritable(value, "value");
        try {
            return LINE_WRITER.asString(value) + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException("text in memory", e);
        }
    }

    /** Without the place of the bracket that is not closed, which the parser does not show as lines of the file. */
    private static String reason(JsonProcessingException fault) {
        return fault.getOriginalMessage().replaceFirst(" \\(start marker at .*", "");
    }

    private static String decode(byte[] utf8, Path source) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            throw new InputException(source, "JSON", "the text is not UTF-8");
        }
    }

    private static String place(JsonLocation location, int firstLine) {
        return "line " + (firstLine - 1 + location.getLineNr()) + ", column " + location.getColumnNr();
    }

    private static void requireSound(@Nullable Object value, Path source, String place) {
        switch (value) {
            case Map<?, ?> map -> map.forEach((name, field) -> {
                String full = place.isEmpty() ? String.valueOf(name) : place + "." + name;
                requireSound(name, source, full);
                requireSound(field, source, full);
            });
            case List<?> list -> list.forEach(item -> requireSound(item, source, place));
            case String text when hasHalfPair(text) ->
                throw new InputException(source, place, "half a surrogate pair is no character");
            case Double number when !Double.isFinite(number) ->
                throw new InputException(source, place, "the number is too large");
            case null, default -> {
            }
        }
    }

    /** Half a pair, which escapes can spell, has no UTF-8 and would be written as another character. */
    private static boolean hasHalfPair(String text) {
        return text.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE);
    }

    private static void requireWritable(@Nullable Object value, String place) {
        switch (value) {
            case null -> {
            }
            case Map<?, ?> map -> map.forEach((name, field) -> {
                if (!(name instanceof String)) {
                    throw new IllegalArgumentException("json: " + place + " has a name that is not a string: " + name);
                }
                requireWritable(name, place + "." + name);
                requireWritable(field, place + "." + name);
            });
            case List<?> list -> list.forEach(item -> requireWritable(item, place + "[]"));
            case String text when !hasHalfPair(text) -> {
            }
            case Boolean flag -> {
            }
            case Number number when Double.isFinite(number.doubleValue()) -> {
            }
            default -> throw new IllegalArgumentException("json: " + place + " cannot be written as JSON: " + value);
        }
    }
}
