package dev.lorikeet.cli.recipe;

import dev.lorikeet.cli.recipe.Method.AdaLora;
import dev.lorikeet.cli.recipe.Method.AutoLora;
import dev.lorikeet.cli.recipe.Method.Full;
import dev.lorikeet.cli.recipe.Method.Lora;
import dev.lorikeet.cli.recipe.Method.Pattern;
import dev.lorikeet.cli.recipe.Method.Suffixes;
import dev.lorikeet.cli.recipe.Method.Targets;
import dev.lorikeet.lora.search.Selection;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/** The section {@code method} of a recipe: which keys each method has, and what they are by default. */
final class MethodTree {
    private static final List<String> LORA_KEYS = List.of("name", "rank", "alpha", "dropout", "targets");
    /** What each method knows, in the order in which they are written. */
    private static final Map<String, List<String>> KEYS = new LinkedHashMap<>();

    /** What the built-in recipe, which is rsLoRA's, does not say of other methods. */
    private static final Map<String, Map<String, Object>> DEFAULTS = Map.of(
            AdaLora.NAME,
            Map.of("rank", 12, "target-rank", 8, "scaling", Lora.NAME, "initial-share", 0.1, "final-share",
                    0.3, "mask-interval", 10, "orthogonal-weight", 0.5),
            AutoLora.NAME, Map.of("scaling", Lora.NAME, "search-epochs", 3, "training-share", 0.5, "selection",
                    "softmax", "selection-rate", 1e-3));

    static {
        KEYS.put(Lora.NAME, LORA_KEYS);
        KEYS.put(Lora.STABILIZED_NAME, LORA_KEYS);
        KEYS.put(AdaLora.NAME, List.of("name", "rank", "target-rank", "alpha", "scaling", "dropout", "targets",
                "initial-share", "final-share", "mask-interval", "orthogonal-weight"));
        KEYS.put(AutoLora.NAME, List.of("name", "rank", "alpha", "scaling", "dropout", "targets", "search-epochs",
                "training-share", "selection", "selection-rate"));
        KEYS.put(Full.NAME, List.of("name"));
    }

    private static final String NAME = "name";
    /** The key in the section {@code training}. */
    private static final String RATE = "adapter-rate";
    /** Pretrained weights want smaller steps than adapters, which start at nothing. */
    /** Far beyond any use; what is larger overflows on the way. */
    private static final double MAX_ALPHA = 1e6;
    private static final double FULL_RATE = 1e-4;

    private MethodTree() {}

    /** The keys of all methods. */
    static Stream<String> keys() {
        return KEYS.values().stream().flatMap(List::stream).distinct();
    }

    /**
     * A recipe's tree with another method: it keeps of the old one's settings what both know, and takes the rest from
     * the built-in recipe. AdaLoRA's ranks are its own, since it begins with more than it ends with. Where adapters
     * give way to full fine-tuning, or the other way round, the learning rate of the encoder is the new method's own.
     *
     * @param name of the method; an unknown one changes nothing but the name, and is refused when the tree is read
     * @param builtIn the built-in recipe, with adapters
     */
    static Map<String, Object> changed(Map<String, Object> tree, String name, Map<String, Object> builtIn) {
        Map<String, Object> old = section(tree, "method");
        Map<String, Object> defaults = new LinkedHashMap<>(section(builtIn, "method"));
        defaults.putAll(DEFAULTS.getOrDefault(name, Map.of()));
        boolean otherRanks = name.equals(AdaLora.NAME) || AdaLora.NAME.equals(old.get(NAME));
        Map<String, Object> method = new LinkedHashMap<>();
        for (String key : KEYS.getOrDefault(name, LORA_KEYS)) {
            Object own = Objects.requireNonNull(defaults.get(key), key);
            method.put(key, key.equals("rank") && otherRanks ? own : old.getOrDefault(key, own));
        }
        method.put(NAME, name);
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
                if (adapted instanceof AdaLora ada) {
                    map.put("target-rank", ada.targetRank());
                }
                map.put("alpha", adapted.alpha());
                if (!(adapted instanceof Lora)) {
                    map.put("scaling", adapted.stabilized() ? Lora.STABILIZED_NAME : Lora.NAME);
                }
                map.put("dropout", adapted.dropout());
                map.put("targets", switch (adapted.targets()) {
                    case Pattern pattern -> pattern.regex();
                    case Suffixes suffixes -> suffixes.names();
                });
                putSearch(map, adapted);
            }
        }
        return map;
    }

    private static void putSearch(Map<String, Object> map, Method.Adapted method) {
        switch (method) {
            case Lora _ -> {
            }
            case AdaLora ada -> {
                map.put("initial-share", ada.initialShare());
                map.put("final-share", ada.finalShare());
                map.put("mask-interval", ada.maskInterval());
                map.put("orthogonal-weight", ada.orthogonalWeight());
            }
            case AutoLora auto -> {
                map.put("search-epochs", auto.search().epochs());
                map.put("training-share", auto.search().trainingShare());
                map.put("selection", auto.search().selection().name().toLowerCase(Locale.ROOT));
                map.put("selection-rate", auto.search().selectionRate());
            }
        }
    }

    /** @throws dev.lorikeet.transformer.io.InputException if a key is unknown or not for this method, or a value wrong */
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
        return name.equals(Full.NAME) ? new Full() : adapted(section, name);
    }

    private static Method.Adapted adapted(JsonObject section, String name) {
        int rank = RecipeReader.atLeastOne(section, "rank");
        double alpha = RecipeReader.positive(section, "alpha", MAX_ALPHA);
        double dropout = share(section, "dropout");
        Targets targets = targets(section);
        boolean stabilized = name.equals(Lora.STABILIZED_NAME) || section.has("scaling")
                && RecipeReader.choice(section, "scaling", List.of(Lora.NAME, Lora.STABILIZED_NAME))
                        .equals(Lora.STABILIZED_NAME);
        return switch (name) {
            case AdaLora.NAME -> {
                int target = RecipeReader.atLeastOne(section, "target-rank");
                if (target > rank) {
                    throw section.error("target-rank", "must be at most rank, " + rank + ", not " + target);
                }
                double initial = share(section, "initial-share");
                double last = share(section, "final-share");
                if (initial + last >= 1) {
                    throw section.error("final-share", "must be below 1 - initial-share, not " + last);
                }
                yield new AdaLora(rank, target, alpha, stabilized, dropout, targets, initial, last,
                        RecipeReader.atLeastOne(section, "mask-interval"),
                        RecipeReader.notNegative(section, "orthogonal-weight"));
            }
            case AutoLora.NAME -> new AutoLora(rank, alpha, stabilized, dropout, targets, search(section));
            default -> new Lora(stabilized, rank, alpha, dropout, targets);
        };
    }

    private static dev.lorikeet.lora.search.AutoLora search(JsonObject section) {
        double share = share(section, "training-share");
        if (share == 0) {
            throw section.error("training-share", "must be above 0");
        }
        String selection = RecipeReader.choice(section, "selection", Arrays.stream(Selection.values())
                .map(value -> value.name().toLowerCase(Locale.ROOT)).toList());
        return dev.lorikeet.lora.search.AutoLora.defaults()
                .withEpochs(RecipeReader.atLeastOne(section, "search-epochs")).withTrainingShare(share)
                .withSelection(Selection.valueOf(selection.toUpperCase(Locale.ROOT)), false)
                .withSelectionRate(RecipeReader.notNegative(section, "selection-rate"));
    }

    private static double share(JsonObject section, String key) {
        double value = section.number(key);
        if (!(value >= 0 && value < 1)) {
            throw section.error(key, "must be in [0, 1), not " + value);
        }
        return value;
    }

    private static Targets targets(JsonObject method) {
        if (method.fields().get("targets") instanceof List<?> list) {
            if (list.isEmpty() || !list.stream().allMatch(item -> item instanceof String text && !text.isBlank())) {
                throw method.error("targets", "a list of names of layers is expected, not " + Shown.value(list));
            }
            return new Suffixes(list.stream().map(String.class::cast).toList());
        }
        String regex = RecipeReader.text(method, "targets");
        try {
            java.util.regex.Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw method.error("targets", "not a regular expression: " + e.getDescription() + " in " + Shown.value(regex));
        }
        return new Pattern(regex);
    }
}
