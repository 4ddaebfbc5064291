package dev.lorikeet.cli.recipe;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.InputFile;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Recipes as YAML 1.2. A key that a file leaves out has the value of the built-in recipe; one that nobody knows is
 * refused. Relative paths in a file start from the file's own folder.
 */
public final class RecipeFile {
    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_DEPTH = 16;
    private static final LoadSettings STRICT = LoadSettings.builder().setAllowDuplicateKeys(false)
            .setMaxAliasesForCollections(0).setCodePointLimit(MAX_BYTES).build();
    private static final Path COMMAND_LINE = Path.of("command line");

    private RecipeFile() {}

    /** The built-in recipe, {@code supersense}. */
    public static Recipe builtIn() {
        return new RecipeReader(defaults(), Path.of("")).read();
    }

    /**
     * Reads a recipe; its name is the file's where it has none itself.
     *
     * <p>What it leaves out is as the built-in recipe has it, or as its method wants it where that is another.
     *
     * @throws InputException if the file is missing, over 1 MiB, not YAML, has an unknown key or a wrong value
     */
    public static Recipe read(Path file) {
        Map<String, Object> given = parse(content(file), file);
        Map<String, Object> tree = new LinkedHashMap<>(withMethod(defaults().fields(), methodName(given)));
        tree.put("name", nameFor(file));
        given.forEach((key, value) -> tree.put(key, key.equals("data") ? value : over(tree.get(key), value)));
        Path folder = Objects.requireNonNullElse(file.toAbsolutePath().getParent(), file);
        return new RecipeReader(new JsonObject(file, "", tree), folder).read();
    }

    /**
     * Changes single values of a recipe, as the flags of the command line do.
     *
     * @param changes values by the full name of their key, for example {@code training.epochs}; paths start from the
     *     working directory; files of one's own take the place of a built-in source; another method keeps of the old
     *     one's settings what both have
     * @throws InputException if a value is wrong
     */
    public static Recipe with(Recipe recipe, Map<String, Object> changes) {
        Object method = changes.get("method.name");
        Map<String, Object> tree = withMethod(tree(recipe), method instanceof String name ? name : null);
        if (recipe.data() instanceof Recipe.WordNet
                && changes.keySet().stream().anyMatch(key -> key.startsWith("data."))) {
            tree.put("data", Map.of());
        }
        changes.forEach((key, value) -> {
            int dot = key.indexOf('.');
            if (dot < 0) {
                tree.put(key, value);
            } else {
                String section = key.substring(0, dot);
                tree.put(section, over(tree.get(section), Map.of(key.substring(dot + 1), value)));
            }
        });
        return new RecipeReader(new JsonObject(COMMAND_LINE, "", tree), Path.of("")).read();
    }

    /**
     * Writes a recipe with every value and with absolute paths, so that it can be run again from anywhere.
     *
     * @throws InputException if the file cannot be written
     */
    public static void write(Path file, Recipe recipe) {
        AtomicFile.write(file, """
                # A Lorikeet recipe, every value resolved. Run it again: ./lorikeet finetune --recipe FILE
                """ + yaml(recipe.absolute()));
    }

    /** The recipe as YAML. */
    public static String yaml(Recipe recipe) {
        return new Dump(DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).setSplitLines(false).build())
                .dumpToString(tree(recipe));
    }

    /** The full names of the keys, for example {@code training.batch-size}, those of all methods included. */
    public static List<String> keys() {
        Set<String> keys = new LinkedHashSet<>();
        defaults().fields().forEach((name, value) -> {
            if (value instanceof Map<?, ?> section) {
                section.keySet().forEach(key -> keys.add(name + "." + key));
            } else {
                keys.add(name);
            }
        });
        MethodTree.keys().forEach(key -> keys.add("method." + key));
        return List.copyOf(keys);
    }

    /** Absent values are nulls here, as {@link JsonObject} has them. */
    @SuppressWarnings("NullAway")
    private static Map<String, Object> tree(Recipe recipe) {
        return new LinkedHashMap<>(recipe.toMap());
    }

    /** The method that a tree names, or null. */
    private static @Nullable String methodName(Map<String, Object> tree) {
        return tree.get("method") instanceof Map<?, ?> method && method.get("name") instanceof String name ? name
                : null;
    }

    /** @param name null to leave the method as it is */
    private static Map<String, Object> withMethod(Map<String, Object> tree, @Nullable String name) {
        return name == null || name.equals(methodName(tree)) ? tree
                : MethodTree.changed(tree, name, defaults().fields());
    }

    private static JsonObject defaults() {
        Path name = Path.of("supersense.yaml");
        try (InputStream resource = RecipeFile.class.getResourceAsStream("supersense.yaml")) {
            byte[] content = Objects.requireNonNull(resource, "supersense.yaml").readAllBytes();
            return new JsonObject(name, "", parse(new String(content, StandardCharsets.UTF_8), name));
        } catch (IOException e) {
            throw new UncheckedIOException("supersense.yaml", e);
        }
    }

    /** The keys of {@code mine} over those of {@code base}; anything but a tree is taken as it is. */
    private static Object over(@Nullable Object base, Object mine) {
        if (base instanceof Map<?, ?> below && mine instanceof Map<?, ?> above) {
            Map<Object, Object> merged = new LinkedHashMap<>(below);
            merged.putAll(above);
            return merged;
        }
        return mine;
    }

    private static Map<String, Object> parse(String yaml, Path source) {
        Object document;
        try {
            requirePlain(yaml, source);
            document = new Load(STRICT).loadFromString(yaml);
        } catch (MarkedYamlEngineException e) {
            throw new InputException(source, place(e.getProblemMark()), "not valid YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new InputException(source, "YAML", "not valid: " + e.getMessage());
        }
        if (document == null) {
            return Map.of();
        }
        return tree(document, source, "");
    }

    /**
     * Refuses what a recipe does not need: {@link Load} goes down by recursion, as deep as the text says, and takes a tag's
     * word for a value that is none.
     */
    private static void requirePlain(String yaml, Path source) {
        int depth = 0;
        Optional<Mark> read = Optional.empty();
        Iterator<Event> events = new Parse(STRICT).parseString(yaml).iterator();
        while (hasNext(events, source, read)) {
            Event event = events.next();
            read = event.getEndMark();
            depth += switch (event.getEventId()) {
                case MappingStart, SequenceStart -> 1;
                case MappingEnd, SequenceEnd -> -1;
                default -> 0;
            };
            if (depth > MAX_DEPTH) {
                throw new InputException(source, place(event.getStartMark()),
                        "nested more than " + MAX_DEPTH + " levels deep");
            }
            Optional<?> tag = switch (event) {
                case ScalarEvent scalar -> scalar.getTag();
                case CollectionStartEvent collection -> collection.getTag();
                default -> Optional.empty();
            };
            if (tag.isPresent()) {
                throw new InputException(source, place(event.getStartMark()), "a recipe has no tags, such as " + tag.get());
            }
        }
    }

    /** The parser has faults of its own on the way, for example an escape that is no character. */
    private static boolean hasNext(Iterator<Event> events, Path source, Optional<Mark> read) {
        try {
            return events.hasNext();
        } catch (YamlEngineException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new InputException(source, place(read), "not valid YAML after this: " + e);
        }
    }

    private static String place(Optional<Mark> mark) {
        return mark.map(at -> "line " + (at.getLine() + 1) + ", column " + (at.getColumn() + 1)).orElse("YAML");
    }

    /** Checks that every key is a string; values are left to {@link RecipeReader}. */
    @SuppressWarnings("unchecked") // checked key by key
    private static Map<String, Object> tree(Object value, Path source, String place) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new InputException(source, "line 1",
                    "a recipe is a tree of keys, such as \"model: all-MiniLM-L6-v2\"");
        }
        map.forEach((key, below) -> {
            if (!(key instanceof String)) {
                throw new InputException(source, place + key, "a key must be a word");
            }
            if (below instanceof Map<?, ?> nested) {
                tree(nested, source, place + key + ".");
            }
        });
        return (Map<String, Object>) map;
    }

    private static String content(Path file) {
        byte[] bytes = InputFile.bytes(file, MAX_BYTES, "recipes");
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new InputException(file, "YAML", "the text is not UTF-8");
        }
    }

    /** A file's name without its ending, in the letters that a recipe's name may have. */
    public static String nameFor(Path file) {
        String name = String.valueOf(file.getFileName()).replaceFirst("\\.[^.]*$", "");
        String allowed = name.replaceAll("[^A-Za-z0-9._-]", "-").replaceFirst("^[._-]+", "");
        return allowed.isEmpty() ? "run" : allowed;
    }
}
