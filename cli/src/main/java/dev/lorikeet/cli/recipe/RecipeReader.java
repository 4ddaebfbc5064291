package dev.lorikeet.cli.recipe;

import dev.lorikeet.cli.recipe.Recipe.Data;
import dev.lorikeet.cli.recipe.Recipe.Files;
import dev.lorikeet.cli.recipe.Recipe.Hardware;
import dev.lorikeet.cli.recipe.Recipe.WordNet;
import dev.lorikeet.transformer.data.TableFormat;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.training.ScheduleType;
import dev.lorikeet.transformer.training.TrainingSettings;
import dev.lorikeet.transformer.weights.BuiltInModels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Makes a recipe of a tree of keys in which none is missing; every wrong one is named with the rule it breaks. */
final class RecipeReader {
    private final JsonObject tree;
    private final Path folder;

    /** @param folder what relative paths in the tree start from */
    RecipeReader(JsonObject tree, Path folder) {
        this.tree = tree;
        this.folder = folder;
    }

    /** @throws dev.lorikeet.transformer.io.InputException if a key is unknown or missing, or a value wrong */
    Recipe read() {
        allowOnly(tree, List.of("name", "model", "data", "method", "training", "compute"));
        JsonObject training = section("training", List.of("epochs", "batch-size", "accumulation", "adapter-rate",
                "head-rate", "weight-decay", "schedule", "warmup-ratio", "clip-norm", "gradient-checkpointing", "seed",
                "limit"));
        JsonObject compute = section("compute", List.of("threads", "vector"));
        return new Recipe(name(), model(), data(), MethodTree.read(tree.object("method")), settings(training),
                optional(training, "limit"),
                new Hardware(optional(compute, "threads"),
                        choice(compute, "vector", List.of("scalar", "128", "256", "512", "auto"))));
    }

    private String name() {
        String name = tree.string("name");
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            throw tree.error("name", "letters, digits, '.', '_' and '-' are allowed, not " + Shown.value(name));
        }
        return name;
    }

    private String model() {
        String model = text(tree, "model");
        return BuiltInModels.isBuiltIn(model) ? model : path(tree, "model").toString();
    }

    private Data data() {
        JsonObject data = tree.object("data");
        if (data.has("source")) {
            allowOnly(data, List.of("source", "seed"));
            choice(data, "source", List.of(WordNet.SOURCE));
            return new WordNet(data.integer("seed", 1));
        }
        allowOnly(data, List.of("source", "train", "test", "text-column", "label-column", "header",
                "delimiter", "seed"));
        for (String part : List.of("train", "test")) {
            if (!data.has(part)) {
                throw data.error(part, "is missing: files to train and to test with are needed, both");
            }
        }
        return new Files(path(data, "train"), path(data, "test"), format(data), data.integer("seed", 1));
    }

    private static TableFormat format(JsonObject data) {
        boolean header = data.flag("header", true);
        String delimiter = data.string("delimiter", "").replace("\\t", "\t"); // as a shell writes it
        if (delimiter.length() > 1 || "\"\r\n".contains(delimiter) && !delimiter.isEmpty()) {
            throw data.error("delimiter", "one character is expected, no quote and no line end, not "
                    + Shown.value(delimiter));
        }
        return new TableFormat(column(data, "text-column", "text", header), column(data, "label-column", "label", header),
                header, delimiter.isEmpty() ? null : delimiter.charAt(0));
    }

    private static String column(JsonObject data, String key, String whenAbsent, boolean header) {
        // In YAML, 1 is a number.
        String name = data.fields().get(key) instanceof Integer number ? number.toString() : data.string(key, whenAbsent);
        if (!header && !TableFormat.isNumber(name)) {
            throw data.error(key, "without a header, a column is a number from 1 on, not " + Shown.value(name));
        }
        return name;
    }

    private static TrainingSettings settings(JsonObject training) {
        double warmup = training.number("warmup-ratio");
        if (!(warmup >= 0 && warmup <= 1)) {
            throw training.error("warmup-ratio", "must be in [0, 1], not " + warmup);
        }
        return new TrainingSettings(atLeastOne(training, "epochs"), atLeastOne(training, "batch-size"),
                atLeastOne(training, "accumulation"), notNegative(training, "adapter-rate"), notNegative(training,
                        "head-rate"),
                notNegative(training, "weight-decay"), schedule(training), warmup,
                notNegative(training, "clip-norm"), training.flag("gradient-checkpointing", false),
                training.integer("seed"));
    }

    private static ScheduleType schedule(JsonObject training) {
        String name = choice(training, "schedule", Arrays.stream(ScheduleType.values())
                .map(ScheduleType::huggingFaceName).toList());
        return ScheduleType.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private JsonObject section(String name, List<String> keys) {
        JsonObject section = tree.object(name);
        allowOnly(section, keys);
        return section;
    }

    private Path path(JsonObject object, String key) {
        text(object, key);
        return object.path(key, folder).normalize();
    }

    static void allowOnly(JsonObject object, List<String> known) {
        for (String key : object.fields().keySet()) {
            if (!known.contains(key)) {
                throw object.error(key, "unknown key, known here are " + String.join(", ", known));
            }
        }
    }

    static String choice(JsonObject object, String key, List<String> choices) {
        // In YAML, 256 is a number.
        String value = object.fields().get(key) instanceof Integer number ? number.toString() : object.string(key);
        if (!choices.contains(value)) {
            throw object.error(key, "must be " + String.join(" or ", choices) + ", not "
                    + Shown.value(object.fields().get(key)));
        }
        return value;
    }

    static String text(JsonObject object, String key) {
        String text = object.string(key);
        if (text.isBlank()) {
            throw object.error(key, "must not be empty");
        }
        if (text.indexOf('\0') >= 0) {
            throw object.error(key, "must not have a character of 0");
        }
        return text;
    }

    private static @Nullable Integer optional(JsonObject object, String key) {
        return object.has(key) ? atLeastOne(object, key) : null;
    }

    static int atLeastOne(JsonObject object, String key) {
        int value = object.integer(key);
        if (value < 1) {
            throw object.error(key, "must be at least 1, not " + value);
        }
        return value;
    }

    static double notNegative(JsonObject object, String key) {
        double value = object.number(key);
        if (!(value >= 0 && value <= Float.MAX_VALUE)) {
            throw object.error(key, "must be a number from 0 on, not " + value);
        }
        return value;
    }

    static double positive(JsonObject object, String key, double most) {
        double value = object.number(key);
        if (!(value > 0 && value <= most)) {
            throw object.error(key, "must be above 0 and at most " + most + ", not " + value);
        }
        return value;
    }
}
