package dev.lorikeet.cli.recipe;

import dev.lorikeet.cli.recipe.Method.Full;
import dev.lorikeet.cli.recipe.Method.Lora;
import dev.lorikeet.cli.recipe.Method.Pattern;
import dev.lorikeet.cli.recipe.Method.Suffixes;
import dev.lorikeet.cli.recipe.Method.Targets;
import dev.lorikeet.transformer.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.PatternSyntaxException;

/** The section {@code method} of a recipe: which keys each method has, and what they are by default. */
final class MethodTree {
    private static final List<String> LORA_KEYS = List.of("name", "rank", "alpha", "dropout", "targets");
    /** What each method knows, in the order in which they are written. */
    private static final Map<String, List<String>> KEYS = new LinkedHashMap<>();

    static {
        KEYS.put(Lora.NAME, LORA_KEYS);
        KEYS.put(Lora.STABILIZED_NAME, LORA_KEYS);
        KEYS.put(Full.NAME, List.of("name"));
    }

    private static final String NAME = "name";
    /** The key in the section {@code training}. */
    private static final String RATE = "adapter-rate";
    /** Pretrained weights want smaller steps than adapters, which start at nothing. */
    private static final double FULL_RATE = 2e-4;

    private MethodTree() {}

    /**
     * A recipe's tree with another method: it keeps of the old one's settings what both know, and takes the rest from the
     * built-in recipe. Where adapters give way to full fine-tuning, or the other way round, the learning rate of the encoder
     * is the new method's own.
     *
     * @param name of the method; an unknown one changes nothing but the name, and is refused when the tree is read
     * @param builtIn the built-in recipe, with adapters
     */
    static Map<String, Object> changed(Map<String, Object> tree, String name, Map<String, Object> builtIn) {
        Map<String, Object> old = section(tree, "method");
        Map<String, Object> defaults = section(builtIn, "method");
        Map<String, Object> method = new LinkedHashMap<>();
        for (String key : KEYS.getOrDefault(name, LORA_KEYS)) {
            Object value = old.getOrDefault(key, Objects.requireNonNull(defaults.get(key), key));
            method.put(key, key.equals(NAME) ? name : value);
        }
        Map<String, Object> result = new LinkedHashMap<>(tree);
        result.put("method", method);
        boolean full = name.equals(Full.NAME);
        if (full != Full.NAME.equals(old.get(NAME))) {
            Map<String, Object> training = new LinkedHashMap<>(section(tree, "training"));
            training.put(RATE, full ? FULL_RATE
                    : Objects.requireNonNull(section(builtIn, "training").get(RATE), RATE));
            result.put("training", training);
        }
        return result;
    }

    @SuppressWarnings("unchecked") // keys of YAML were checked, and a recipe's own tree has no other
    private static Map<String, Object> section(Map<String, Object> tree, String name) {
        return tree.get(name) instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    static Map<String, Object> of(Method method) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(NAME, method.name());
        switch (method) {
            case Full _ -> {
            }
            case Method.Adapted adapted -> {
                map.put("rank", adapted.rank());
                map.put("alpha", adapted.alpha());
                map.put("dropout", adapted.dropout());
                map.put("targets", switch (adapted.targets()) {
                    case Pattern pattern -> pattern.regex();
                    case Suffixes suffixes -> suffixes.names();
                });
            }
        }
        return map;
    }

    /** @throws dev.lorikeet.transformer.InputException if a key is unknown or not for this method, or a value wrong */
    static Method read(JsonObject section) {
        String name = RecipeReader.choice(section, NAME, List.copyOf(KEYS.keySet()));
        List<String> keys = KEYS.getOrDefault(name, LORA_KEYS);
        for (String key : section.fields().keySet()) {
            if (!keys.contains(key) && KEYS.values().stream().anyMatch(others -> others.contains(key))) {
                throw section.error(key, "does not go with the method " + name + ", whose keys are "
                        + String.join(", ", keys));
            }
        }
        RecipeReader.allowOnly(section, keys);
        return switch (name) {
            case Full.NAME -> new Full();
            default -> {
                double dropout = section.number("dropout");
                if (!(dropout >= 0 && dropout < 1)) {
                    throw section.error("dropout", "must be in [0, 1), not " + dropout);
                }
                yield new Lora(name.equals(Lora.STABILIZED_NAME), RecipeReader.atLeastOne(section, "rank"),
                        RecipeReader.positive(section, "alpha"), dropout, targets(section));
            }
        };
    }

    private static Targets targets(JsonObject method) {
        if (method.fields().get("targets") instanceof List<?> list) {
            if (list.isEmpty() || !list.stream().allMatch(item -> item instanceof String text && !text.isBlank())) {
                throw method.error("targets", "a list of names of layers is expected, not " + list);
            }
            return new Suffixes(list.stream().map(String.class::cast).toList());
        }
        String regex = RecipeReader.text(method, "targets");
        try {
            java.util.regex.Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw method.error("targets", "not a regular expression: " + e.getDescription() + " in \"" + regex + "\"");
        }
        return new Pattern(regex);
    }
}
