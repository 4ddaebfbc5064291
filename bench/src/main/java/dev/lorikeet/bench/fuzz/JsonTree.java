package dev.lorikeet.bench.fuzz;

import dev.lorikeet.transformer.io.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A JSON text that can be changed into one that no parser would give: names twice, numbers without bounds, words that
 * are none.
 */
final class JsonTree {
    /** Values of every type and at every bound, as they stand in a file. */
    private static final List<String> LEAVES = List.of("null", "true", "false", "0", "1", "-1", "2", "3", "0.5", "-0.0",
            "1e-400", "1e308", "1e999", "2147483647", "2147483648", "-2147483649", "9223372036854775807",
            "9223372036854775808", "1" + "0".repeat(100), "NaN", "Infinity", "\"\"", "\" \"", "\"0\"", "\"1\"",
            "\"true\"",
            "\"é\"", "\"\\u0000\"", "\"\\u001b[2J\"", "\"\\u2028\\u202e\"", "\"\\ud83d\"", "\"\\ud83d\\ude00\"",
            "\"a\\nb\\r\"", "\"../x\"", "\"/\"", "\"..\"", "\"*\"", "\"(\"", "\"" + "x".repeat(3000) + "\"", "[]", "{}",
            "[[]]", "[null]", "[1, \"a\"]", "{\"a\": 1}", "'a'", "01", "+1", ".5", "undefined");

    /** Of those, what each field becomes in turn. */
    private static final List<String> BREAKS = List.of("0", "-1", "2147483647", "9223372036854775807", "0.7310585",
            "\"\"");

    private final String name;
    /** What stands there where it is neither a list nor an object, else null. */
    private @Nullable String leaf;
    private final List<JsonTree> below = new ArrayList<>();
    private boolean list;

    private JsonTree(String name) {
        this.name = name;
    }

    /** @param name in the object that it stands in, as it is written there; of no use elsewhere */
    private static JsonTree of(String name, @Nullable Object value) {
        JsonTree tree = new JsonTree(name);
        switch (value) {
            case Map<?, ?> map -> map.forEach((key, item) -> tree.below.add(of(text(String.valueOf(key)), item)));
            case List<?> items -> {
                tree.list = true;
                items.forEach(item -> tree.below.add(of("\"item\"", item)));
            }
            case null -> tree.leaf = "null";
            case String text -> tree.leaf = text(text);
            default -> tree.leaf = value.toString();
        }
        return tree;
    }

    static JsonTree of(Map<String, Object> object) {
        return of("\"\"", object);
    }

    private static String text(String value) {
        return Json.writeLine(value).strip();
    }

    private JsonTree copy(String as) {
        JsonTree copy = new JsonTree(as);
        copy.leaf = leaf;
        copy.list = list;
        below.forEach(tree -> copy.below.add(tree.copy(tree.name)));
        return copy;
    }

    /** The names that stand in any of the trees. */
    static List<String> names(List<JsonTree> trees) {
        return trees.stream().flatMap(tree -> tree.all().stream()).map(tree -> tree.name)
                .collect(Collectors.collectingAndThen(Collectors.toCollection(TreeSet::new), List::copyOf));
    }

    private List<JsonTree> all() {
        List<JsonTree> all = new ArrayList<>(List.of(this));
        below.forEach(tree -> all.addAll(tree.all()));
        return all;
    }

    /**
     * This with one to three places changed.
     *
     * @param names what may become the name of a field
     */
    JsonTree changed(List<String> names, SplittableRandom random) {
        JsonTree changed = copy(name);
        for (int i = random.nextInt(3); i >= 0; i--) {
            changed.change(names, random);
        }
        return changed;
    }

    private void change(List<String> names, SplittableRandom random) {
        List<JsonTree> holders = all().stream().flatMap(tree -> Collections.nCopies(tree.below.size(), tree).stream())
                .toList();
        if (holders.isEmpty()) {
            below.add(leaf(Mutants.one(names, random), Mutants.one(LEAVES, random)));
            leaf = null;
            return;
        }
        List<JsonTree> place = Mutants.one(holders, random).below; // one with many fields as often as it has fields
        int at = random.nextInt(place.size());
        JsonTree old = place.get(at);
        List<String> free = names.stream().filter(name -> place.stream().noneMatch(tree -> tree.name.equals(name)))
                .toList();
        String other = Mutants.one(free.isEmpty() ? names : free, random);
        switch (random.nextInt(9)) {
            case 0, 1 -> place.set(at, leaf(old.name, Mutants.one(LEAVES, random)));
            case 2 -> place.set(at, Mutants.one(all(), random).copy(old.name));
            case 3 -> place.remove(at);
            case 4 -> place.add(random.nextInt(place.size() + 1), old.copy(old.name)); // a name twice
            case 5 -> place.add(at, leaf(other, Mutants.one(LEAVES, random)));
            case 6 -> place.set(at, old.copy(other));
            case 7 -> place.set(at, leaf(old.name, near(old, random)));
            default -> place.set(at, old.within(random.nextInt(8) == 0 ? 70 : 1, random.nextBoolean()));
        }
    }

    /** This with one field, or one element of a list, of another value, at every place and of every value. */
    Stream<JsonTree> broken() {
        return IntStream.range(0, all().size()).boxed().flatMap(place -> BREAKS.stream().map(value -> {
            JsonTree broken = copy(name);
            JsonTree at = broken.all().get(place);
            at.below.clear();
            at.leaf = value;
            return broken;
        }));
    }

    private static JsonTree leaf(String name, String leaf) {
        JsonTree tree = new JsonTree(name);
        tree.leaf = leaf;
        return tree;
    }

    private JsonTree within(int depth, boolean inList) {
        JsonTree tree = copy(name);
        for (int i = 0; i < depth; i++) {
            JsonTree outer = new JsonTree(name);
            outer.list = inList;
            outer.below.add(tree);
            tree = outer;
        }
        return tree;
    }

    /** A number beside the old one, or a text with something in it. */
    private static String near(JsonTree old, SplittableRandom random) {
        String leaf = old.leaf == null ? "1" : old.leaf;
        if (leaf.startsWith("\"")) {
            int at = 1 + random.nextInt(leaf.length() - 1);
            String word = Mutants.one(List.of("", "a", ".", "*", "\\\\", "\\u0007", "é", "(", "["), random);
            return leaf.charAt(at - 1) == '\\' ? leaf : leaf.substring(0, at) + word + leaf.substring(at);
        }
        if (!leaf.matches("-?\\d{1,15}")) {
            return Mutants.one(LEAVES, random);
        }
        long number = Long.parseLong(leaf);
        return Mutants
                .one(List.of(number + 1, number - 1, -number, 2 * number, number / 2, 1000 * number, number + 0.5),
                        random)
                .toString();
    }

    @Override
    public String toString() {
        if (leaf != null) {
            return leaf;
        }
        return list ? below.stream().map(JsonTree::toString).collect(Collectors.joining(", ", "[", "]"))
                : below.stream().map(tree -> tree.name + ": " + tree).collect(Collectors.joining(", ", "{", "}"));
    }
}
