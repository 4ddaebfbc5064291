package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Held;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.cli.report.WrittenAnswers.Written;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint knows of a run beside its {@link dev.lorikeet.transformer.training.TrainState}: from what it began,
 * so that it goes on from nothing else, and what was found before the training.
 *
 * @param trainDigest of the examples as the model reads them, so that its tokenizer and its classes count, too
 * @param validationDigest likewise; empty without
 * @param startDigest of the weights that the training goes on from; empty where those are the model's
 * @param modelHash of the base model's weights, and its configuration
 */
record RunOrigin(Recipe recipe, List<String> labels, String trainDigest, String testDigest, String validationDigest,
        String startDigest, String modelHash, Tuning tuning, ZonedDateTime started) {
    private static final String RECIPE = "recipe";
    private static final String LABELS = "labels";
    private static final String TRAIN = "train_sha256";
    private static final String TEST = "test_sha256";
    private static final String VALIDATION = "validation_sha256";
    private static final String START = "from_sha256";
    private static final String MODEL = "model_hash";
    private static final String STARTED = "started";
    private static final String BASELINES = "baselines";
    private static final String BEFORE = "answers_before";
    private static final String FOUND = "found";
    private static final String TRAINING = "training";

    /**
     * What goes into a checkpoint.
     *
     * @param before what a language model answered before the training, or null
     * @param training whether the state is that of the training, not of a search before it
     */
    Map<String, Object> about(List<Run.Baseline> baselines, @Nullable Written before, boolean training) {
        List<Map<String, @Nullable Object>> compared = baselines.stream().map(RunOrigin::json).toList();
        Map<String, Object> about = new LinkedHashMap<>();
        about.put(START, startDigest);
        about.putAll(Map.of(TRAINING, training, RECIPE, RecipeFile.tree(recipe), LABELS, labels, TRAIN, trainDigest,
                TEST, testDigest, VALIDATION, validationDigest, MODEL, modelHash, STARTED, started.toString(), FOUND,
                tuning.found(), BASELINES, compared));
        if (before != null) {
            about.put(BEFORE, Map.of("texts", before.texts(), "scores", before.scores(), "tokens", before.tokens(),
                    "seconds", before.seconds()));
        }
        return about;
    }

    private static Map<String, @Nullable Object> json(Run.Baseline baseline) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("name", baseline.name());
        json.put("parameters", baseline.parameters());
        json.put("value", Json.number(baseline.value()));
        json.put("seconds", baseline.seconds());
        return json;
    }

    /** The hash of the base model's weights. */
    String baseHash() {
        return modelHash.substring(0, modelHash.indexOf(' '));
    }

    /** @throws InputException if the run of a checkpoint began from something else */
    void requireSame(JsonObject about) {
        List<String> differences = RecipeFile.differences(recipe(about), recipe);
        if (!differences.isEmpty()) {
            throw new InputException(about.source(), RECIPE, "is not the one that is asked for: "
                    + String.join("; ", differences));
        }
        require(about, MODEL, modelHash, "weights or configuration of the model " + recipe.model());
        if (!about.string(START, "").equals(startDigest)) { // runs of before go on from nothing
            throw about.error(START, "the weights to go on from (from) are not those that the run began with");
        }
        if (!about.list(LABELS).equals(labels)) {
            throw about.error(LABELS, "the outputs were " + Shown.value(about.list(LABELS)) + ", and are "
                    + Shown.names(labels) + " now");
        }
        String read = ", or how the model reads them,";
        require(about, VALIDATION, validationDigest, "the examples of " + what(recipe) + read);
        switch (recipe.data()) {
            case Recipe.Files files -> {
                require(about, TRAIN, trainDigest, "the examples of " + files.source(files.train()).paths() + read);
                require(about, TEST, testDigest, "the examples of " + files.source(files.test()).paths() + read);
            }
            case Recipe.WordNet _ -> requireBoth(about, "the examples of WordNet" + read);
            case Recipe.Cron _ -> requireBoth(about, "the examples of cron" + read);
        }
    }

    private void requireBoth(JsonObject about, String what) {
        require(about, TRAIN, trainDigest, what);
        require(about, TEST, testDigest, what);
    }

    private static String what(Recipe recipe) {
        return switch (recipe.validation()) {
            case Held.Files(List<Path> paths) -> names(paths);
            case Held.Share _ -> "the share to validate with";
            case null -> "no file";
        };
    }

    private static String names(List<Path> paths) {
        return Shown.names(paths.stream().map(Path::toString).toList());
    }

    private static void require(JsonObject about, String name, String now, String what) {
        if (!about.string(name).equals(now)) {
            throw about.error(name, what + " have changed since the run was interrupted, which can go on with the old "
                    + "ones alone");
        }
    }

    /** The recipe of a checkpoint. */
    static Recipe recipe(JsonObject about) {
        return RecipeFile.of(about.source(), about.object(RECIPE).fields());
    }

    /** Whether the state is that of the training, not of a search before it. */
    static boolean isTraining(JsonObject about) {
        return about.flag(TRAINING);
    }

    /** @throws InputException if something is missing or wrong in it */
    static void requireReadable(JsonObject about) {
        recipe(about);
        isTraining(about);
        baselines(about);
        before(about);
        found(about);
        try {
            started(about);
        } catch (DateTimeParseException e) {
            throw about.error(STARTED, "is no time: " + e.getMessage());
        }
    }

    static ZonedDateTime started(JsonObject about) {
        return ZonedDateTime.parse(about.string(STARTED));
    }

    static List<Run.Baseline> baselines(JsonObject about) {
        return about.objects(BASELINES).stream().map(json -> new Run.Baseline(json.string("name"),
                (long) json.number("parameters"), json.has("value") ? json.anyNumber("value") : Double.NaN,
                json.number("seconds"))).toList();
    }

    /** What a language model answered before the training; null where it was not asked. */
    static @Nullable Written before(JsonObject about) {
        if (!about.has(BEFORE)) {
            return null;
        }
        JsonObject before = about.object(BEFORE);
        JsonObject scores = before.object("scores");
        Map<String, Double> named = new LinkedHashMap<>();
        scores.fields().keySet().forEach(name -> named.put(name, scores.number(name)));
        return new Written(before.list("texts").stream().map(String::valueOf).toList(), named, before.integer("tokens"),
                before.number("seconds"));
    }

    static JsonObject found(JsonObject about) {
        return about.object(FOUND);
    }
}
