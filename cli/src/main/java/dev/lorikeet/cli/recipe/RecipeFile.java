package dev.lorikeet.cli.recipe;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.InputFile;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.settings.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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

    private RecipeFile() {}

    /** The built-in recipe, {@code supersense}: every setting's default. */
    public static Recipe builtIn() {
        return read(null, Map.of());
    }

    /** As {@link #read(Path, Map)}, without flags. */
    public static Recipe read(Path file) {
        return read(file, Map.of());
    }

    /**
     * Reads a recipe; its name is the file's where it has none itself.
     *
     * <p>What it leaves out is as its method has it by default. Files of one's own take the place of a built-in source;
     * another method keeps of the old one's settings what both have.
     *
     * @param file null for the built-in recipe; {@code cron} for the other one, where there is no such file
     * @param flags what goes before the file's word, by the full names of settings, for example
     *     {@code training.epochs}; a text stands for a number, too; paths start from the working directory
     * @throws InputException if the file is missing, over 1 MiB, not YAML, or with the flags has an unknown key or a
     *     wrong value
     */
    public static Recipe read(@Nullable Path file, Map<String, ?> flags) {
        return reader(file, flags).read();
    }

    /**
     * As {@link #read(Path, Map)}, of a run that begins: where it goes on from another's weights, model and method are
     * those of the other.
     *
     * @throws InputException also if there is no other, or the file or a flag says another method
     */
    public static Recipe begin(@Nullable Path file, Map<String, ?> flags) {
        return reader(file, flags).begin();
    }

    private static RecipeReader reader(@Nullable Path file, Map<String, ?> flags) {
        if (file == null) {
            // Another task must not take the built-in one's folder.
            Object train = flags.get(RecipeSettings.TRAIN.name());
            Object first = train instanceof List<?> list && !list.isEmpty() ? list.getFirst() : train;
            return new RecipeReader(null, Path.of(""), first instanceof String text && !text.isBlank()
                    ? Map.of("name", nameFor(Path.of(text)))
                    : Map.of(), flags);
        }
        String builtIn = Files.exists(file) ? null : builtIn(file.toString());
        if (builtIn != null) {
            return new RecipeReader(file, Path.of(""), parse(builtIn, file), flags);
        }
        Map<String, Object> tree = new LinkedHashMap<>(parse(content(file), file));
        tree.putIfAbsent("name", nameFor(file));
        Path folder = Objects.requireNonNullElse(file.toAbsolutePath().getParent(), file);
        return new RecipeReader(file, folder, tree, flags);
    }

    /** The text of a recipe that is called by its name; null where there is none. */
    private static @Nullable String builtIn(String name) {
        try (InputStream in = name.matches("[a-z]+") ? RecipeFile.class.getResourceAsStream(name + ".yaml") : null) {
            return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a flag for other examples to test with says, for {@link #with}. */
    public static Map<String, Object> testedWith(String files) {
        Object paths = RecipeSettings.fromCommandLine(RecipeSettings.TEST, files);
        return Map.of(RecipeSettings.TRAIN.name(), paths, RecipeSettings.TEST.name(), paths);
    }

    /** What flags of {@link RecipeSettings#TABLE} say of a table. */
    public static Recipe.Table table(Map<String, ?> flags) {
        return new RecipeReader(null, Path.of(""), Map.of(), flags).table();
    }

    /** Changes single values of a recipe, as {@link #read(Path, Map)} does by its flags. */
    public static Recipe with(Recipe recipe, Map<String, ?> changes) {
        return new RecipeReader(null, Path.of(""), recipe.values().tree(), changes).read();
    }

    /** Every value of a recipe by its key, with absolute paths, as JSON has them. */
    public static Map<String, @Nullable Object> tree(Recipe recipe) {
        return recipe.absolute().values().tree();
    }

    /**
     * The recipe of what {@link #tree} gave.
     *
     * @param source where it was written, for messages
     */
    public static Recipe of(Path source, Map<String, ?> tree) {
        return new RecipeReader(source, Path.of(""), tree, Map.of()).read();
    }

    /**
     * The settings that differ, as "KEY is ONE, not OTHER"; what computes and who hears of it does not count, nor what
     * the run and its files are called.
     */
    public static List<String> differences(Recipe one, Recipe other) {
        Map<String, List<@Nullable Object>> differing = differing(List.of(one, other));
        differing.keySet().removeAll(RecipeSettings.NAMES);
        return differing.entrySet().stream()
                .map(each -> each.getKey() + " is " + Shown.value(each.getValue().getFirst())
                        + ", not " + Shown.value(each.getValue().getLast()))
                .toList();
    }

    /**
     * The settings that have not one value in all recipes, by their full names, with that of each recipe as a file has
     * it, or null; what computes and who hears of it does not count.
     */
    public static Map<String, List<@Nullable Object>> differing(List<Recipe> recipes) {
        List<Map<String, @Nullable Object>> all = recipes.stream().map(RecipeFile::flat).toList();
        Map<String, List<@Nullable Object>> differing = new LinkedHashMap<>();
        all.forEach(each -> each.keySet().forEach(name -> {
            List<@Nullable Object> values = new ArrayList<>();
            all.forEach(own -> values.add(own.get(name)));
            if (new HashSet<>(values).size() > 1) {
                differing.put(name, values);
            }
        }));
        return differing;
    }

    private static Map<String, @Nullable Object> flat(Recipe recipe) {
        Map<String, @Nullable Object> flat = new LinkedHashMap<>();
        Map<String, @Nullable Object> tree = tree(recipe);
        for (Setting<?> setting : recipe.values().values().keySet()) {
            if (!RecipeSettings.isBeside(setting)) {
                Map<?, ?> section = setting.section().isEmpty() ? tree
                        : (Map<?, ?>) Objects.requireNonNull(tree.get(setting.section()));
                flat.put(setting.name(), section.get(setting.key()));
            }
        }
        return flat;
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
    static String yaml(Recipe recipe) {
        return dump(recipe.values().tree());
    }

    /** A tree of values as YAML. */
    public static String dump(Map<String, ?> tree) {
        return new Dump(DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).setSplitLines(false).build())
                .dumpToString(tree);
    }

    /** What a recipe says of method and training: it names no file. */
    public static Map<String, @Nullable Object> ofTraining(Recipe recipe) {
        return recipe.values().only(setting -> List.of("method", "training").contains(setting.section())).tree();
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
     * Refuses what a recipe does not need: {@link Load} goes down by recursion, as deep as the text says, and takes a
     * tag's word for a value that is none.
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
                throw new InputException(source, place(event.getStartMark()),
                        "a recipe has no tags, such as " + tag.get());
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
    static String nameFor(Path file) {
        String name = String.valueOf(file.getFileName()).replaceFirst("\\.[^.]*$", "");
        String allowed = name.replaceAll("[^A-Za-z0-9._-]", "-").replaceFirst("^[._-]+", "");
        return allowed.isEmpty() ? "run" : allowed;
    }
}
