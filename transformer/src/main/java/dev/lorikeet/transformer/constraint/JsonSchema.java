package dev.lorikeet.transformer.constraint;

import static dev.lorikeet.transformer.constraint.Node.choice;
import static dev.lorikeet.transformer.constraint.Node.optional;
import static dev.lorikeet.transformer.constraint.Node.sequence;
import static dev.lorikeet.transformer.constraint.Node.text;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * JSON on one line, a space or none behind commas and colons, as a schema allows it (JSON Schema, draft 2020-12).
 * Properties come in the schema's order, and no others than those. A keyword that is not known here is refused by name,
 * unless it only describes.
 */
final class JsonSchema {
    private static final int DEEPEST = 16;
    private static final int MOST = 10_000;
    /** Objects and lists within each other where anything is allowed. */
    private static final int ANYTHING = 4;
    private static final Set<String> DESCRIBING = Set.of("title", "description", "default", "examples", "$schema",
            "$id",
            "$comment", "$defs", "definitions", "deprecated", "readOnly", "writeOnly", "format");
    private static final Map<String, Set<String>> KEYWORDS = Map.of(
            "string", Set.of("minLength", "maxLength", "pattern"), "number", Set.of(), "integer", Set.of(),
            "boolean", Set.of(), "null", Set.of(), "array", Set.of("items", "minItems", "maxItems"),
            "object", Set.of("properties", "required", "additionalProperties"));

    private static final Node GAP = optional(text(" "));
    private static final Node COMMA = sequence(text(","), GAP);
    private static final Node COLON = sequence(text(":"), GAP);
    private static final Node DIGIT = CharacterSet.of('0', '9').node();
    private static final Node INTEGER = sequence(optional(text("-")),
            choice(text("0"), sequence(CharacterSet.of('1', '9').node(), new Node.Repeat(DIGIT, 0, 17))));
    private static final Node NUMBER = sequence(INTEGER, optional(sequence(text("."), new Node.Repeat(DIGIT, 1, 17))),
            optional(sequence(choice(text("e"), text("E")), optional(choice(text("+"), text("-"))),
                    new Node.Repeat(DIGIT, 1, 2))));
    private static final Node BOOLEAN = choice(text("true"), text("false"));
    private static final Node CHARACTER = character();

    private final JsonObject root;
    private int schemas;

    private JsonSchema(JsonObject root) {
        this.root = root;
    }

    /** @throws dev.lorikeet.transformer.io.InputException if it is not understood */
    static Node parse(JsonObject schema) {
        return new JsonSchema(schema).value(schema, 0);
    }

    /** Any object. */
    static Node object() {
        return object(anything(ANYTHING));
    }

    private static Node object(Node value) {
        Node member = sequence(string(0, Node.ENDLESS), COLON, value);
        return sequence(text("{"), new Node.Joined(member, COMMA, 0, Node.ENDLESS), text("}"));
    }

    private static Node anything(int depth) {
        Node simple = choice(string(0, Node.ENDLESS), NUMBER, BOOLEAN, text("null"));
        if (depth == 0) {
            return simple;
        }
        Node inner = anything(depth - 1);
        return choice(simple, list(inner, 0, Node.ENDLESS), object(inner));
    }

    private static Node list(Node item, int least, int most) {
        return sequence(text("["), new Node.Joined(item, COMMA, least, most), text("]"));
    }

    private static Node string(int least, int most) {
        return sequence(text("\""), new Node.Repeat(CHARACTER, least, most), text("\""));
    }

    /** One character within a string, as itself or escaped. */
    private static Node character() {
        Node plain = CharacterSet.union(List.of(CharacterSet.of(0, 0x1F), CharacterSet.of('"'), CharacterSet.of('\\'),
                CharacterSet.of(0x7F))).others().node();
        CharacterSet signs = CharacterSet.union("\"\\/bfnrt".chars().mapToObj(CharacterSet::of).toList());
        CharacterSet hex = CharacterSet.union(List.of(CharacterSet.of('0', '9'), CharacterSet.of('a', 'f'),
                CharacterSet.of('A', 'F')));
        CharacterSet low = CharacterSet.union(List.of(CharacterSet.of('0', '9'), CharacterSet.of('a', 'c'),
                CharacterSet.of('A', 'C'), CharacterSet.of('e', 'f'), CharacterSet.of('E', 'F')));
        // those whose first digit is d are half a pair, which is written as itself
        Node unicode = sequence(text("\\u"), low.node(), new Node.Repeat(hex.node(), 3, 3));
        return choice(plain, sequence(text("\\"), signs.node()), unicode);
    }

    private Node value(JsonObject schema, int depth) {
        if (++schemas > MOST) {
            throw schema.error("type",
                    "there are more than " + MOST + " schemas within each other, with what is referred "
                            + "to");
        }
        if (depth > DEEPEST) {
            throw schema.error("type", "schemas are nested more than " + DEEPEST + " deep, or in a circle");
        }
        if (schema.has("$ref")) {
            return value(referred(schema), depth + 1);
        }
        if (schema.has("anyOf")) {
            allow(schema, Set.of("anyOf"));
            List<JsonObject> options = schema.objects("anyOf");
            if (options.isEmpty()) {
                throw schema.error("anyOf", "is empty");
            }
            return new Node.Choice(options.stream().map(option -> value(option, depth + 1)).toList());
        }
        if (schema.fields().containsKey("const")) {
            allow(schema, Set.of("const", "type"));
            return literals(schema, "const", Collections.singletonList(schema.fields().get("const")));
        }
        if (schema.has("enum")) {
            allow(schema, Set.of("enum", "type"));
            return literals(schema, "enum", schema.list("enum"));
        }
        return ofTypes(schema, depth);
    }

    /** Those of the values that are of the schema's types, where it has some. */
    private static Node literals(JsonObject schema, String keyword, List<?> values) {
        List<?> types = schema.has("type") ? types(schema) : List.copyOf(KEYWORDS.keySet());
        List<Node> literals = new ArrayList<>();
        values.stream().filter(value -> types.contains(type(value)) || value instanceof Number number
                && (types.contains("number") || types.contains("integer") && isWhole(number)))
                .forEach(value -> literals.add(literal(value)));
        if (literals.isEmpty()) {
            throw schema.error(keyword, values.isEmpty() ? "is empty" : "has no value of the type");
        }
        return new Node.Choice(literals);
    }

    private static String type(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case String _ -> "string";
            case Boolean _ -> "boolean";
            case List<?> _ -> "array";
            case Map<?, ?> _ -> "object";
            default -> "number";
        };
    }

    private static boolean isWhole(Number number) {
        return number.doubleValue() == Math.rint(number.doubleValue());
    }

    private static List<?> types(JsonObject schema) {
        return schema.fields().get("type") instanceof List<?> list ? list : List.of(schema.string("type"));
    }

    private Node ofTypes(JsonObject schema, int depth) {
        if (!schema.has("type")) {
            allow(schema, Set.of());
            return anything(ANYTHING);
        }
        List<?> types = types(schema);
        Set<String> known = new HashSet<>(Set.of("type"));
        List<Node> options = new ArrayList<>();
        for (Object type : types) {
            if (!(type instanceof String name) || !KEYWORDS.containsKey(name)) {
                throw schema.error("type", "must be one of " + String.join(", ", KEYWORDS.keySet().stream().sorted()
                        .toList()) + ", not " + Shown.value(type));
            }
            known.addAll(KEYWORDS.get(name));
        }
        allow(schema, known);
        for (Object type : types) {
            options.add(ofType(schema, (String) type, depth));
        }
        if (options.isEmpty()) {
            throw schema.error("type", "is empty");
        }
        return new Node.Choice(options);
    }

    private Node ofType(JsonObject schema, String type, int depth) {
        return switch (type) {
            case "string" -> schema.has("pattern") ? pattern(schema)
                    : string(count(schema, "minLength", 0), count(schema, "maxLength", Node.ENDLESS));
            case "number" -> NUMBER;
            case "integer" -> INTEGER;
            case "boolean" -> BOOLEAN;
            case "null" -> text("null");
            case "array" -> list(schema.has("items") ? value(schema.object("items"), depth + 1)
                    : anything(ANYTHING), count(schema, "minItems", 0), count(schema, "maxItems", Node.ENDLESS));
            default -> members(schema, depth);
        };
    }

    /** Of texts that need no escapes: a pattern is of what the string means, not of how it is spelled. */
    private static Node pattern(JsonObject schema) {
        if (schema.has("minLength") || schema.has("maxLength")) {
            throw schema.error("pattern", "beside minLength or maxLength is not supported");
        }
        String pattern = schema.string("pattern");
        if (!pattern.startsWith("^") || !pattern.endsWith("$")) {
            throw schema.error("pattern", "must be of the whole text, from ^ to $");
        }
        try {
            return sequence(text("\""), RegularExpression.parse(pattern).without(JsonSchema::isEscaped), text("\""));
        } catch (InputException e) { // which knows no file
            throw schema.error("pattern", e.getMessage());
        }
    }

    private static boolean isEscaped(int b) {
        return b < ' ' || b == '"' || b == '\\';
    }

    private Node members(JsonObject schema, int depth) {
        if (!schema.has("properties") && schema.has("required") && !schema.list("required").isEmpty()) {
            throw schema.error("required", "needs properties, which say what the required ones are");
        }
        if (schema.fields().get("additionalProperties") instanceof Map<?, ?>) {
            if (schema.has("properties")) {
                throw schema.error("additionalProperties", "beside properties must be true or false");
            }
            return object(value(schema.object("additionalProperties"), depth + 1));
        }
        boolean open = schema.flag("additionalProperties", true);
        if (!schema.has("properties")) {
            return open ? object(anything(ANYTHING)) : text("{}");
        }
        JsonObject properties = schema.object("properties");
        List<?> required = schema.has("required") ? schema.list("required") : List.of();
        Map<String, Node.Member> members = new LinkedHashMap<>();
        for (String name : properties.fields().keySet()) {
            Node member = sequence(literal(name), COLON, value(properties.object(name), depth + 1));
            members.put(name, new Node.Member(member, required.contains(name)));
        }
        for (Object name : required) {
            if (!(name instanceof String text) || !members.containsKey(text)) {
                throw schema.error("required", Shown.value(name) + " is none of the properties");
            }
        }
        return sequence(text("{"), new Node.Members(List.copyOf(members.values()), COMMA), text("}"));
    }

    private JsonObject referred(JsonObject schema) {
        allow(schema, Set.of("$ref"));
        String reference = schema.string("$ref");
        String[] names = reference.split("/");
        if (names.length != 3 || !names[0].equals("#") || !names[1].matches("\\$defs|definitions")
                || !root.has(names[1]) || !root.object(names[1]).has(names[2])) {
            throw schema.error("$ref", "must be #/$defs/NAME of a definition that is there, not "
                    + Shown.value(reference));
        }
        return root.object(names[1]).object(names[2]);
    }

    private static int count(JsonObject schema, String name, int whenAbsent) {
        int count = schema.integer(name, whenAbsent);
        if (count < 0) {
            throw schema.error(name, "must not be negative");
        }
        return count;
    }

    private static Node literal(@Nullable Object value) {
        return text(value == null ? "null" : Json.writeLine(value).strip());
    }

    private static void allow(JsonObject schema, Set<String> known) {
        for (String keyword : schema.fields().keySet()) {
            if (!known.contains(keyword) && !DESCRIBING.contains(keyword)) {
                throw schema.error(keyword, "is not supported here");
            }
        }
    }
}
