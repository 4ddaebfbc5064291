package dev.lorikeet.bench.experiments;

import dev.lorikeet.cli.run.SavedRun;
import dev.lorikeet.transformer.io.JsonObject;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a run came to.
 *
 * @param metric by which runs of its task are compared
 * @param scores of the test examples, by the metrics' names
 * @param baselines the metric of what was run beside it, by name
 * @param seconds of training; of whatever machine, at whatever load
 */
record TaskRun(Key key, String metric, Map<String, Double> scores, Map<String, Double> baselines, double seconds) {
    static final String OURS = "Lorikeet";

    /**
     * Which run it is.
     *
     * @param method for example {@code rslora-r8}
     * @param engine {@link #OURS}, or what ran the same recipe
     */
    record Key(String task, String model, String method, long seed, String engine) {}

    TaskRun {
        scores = finite(scores);
        baselines = finite(baselines);
    }

    /** In the order of their names, without those that are not defined, which JSON has no number for. */
    private static SortedMap<String, Double> finite(Map<String, Double> given) {
        SortedMap<String, Double> finite = new TreeMap<>(given);
        finite.values().removeIf(value -> !Double.isFinite(value));
        return Collections.unmodifiableSortedMap(finite);
    }

    static TaskRun of(SavedRun run, String method) {
        String model = Path.of(run.recipe().model()).getFileName().toString();
        return new TaskRun(new Key(run.recipe().name(), model, method, run.recipe().training().seed(), OURS),
                run.metric().name(), run.test(), run.baselines(), run.seconds());
    }

    static TaskRun read(JsonObject line) {
        return new TaskRun(new Key(line.string("task"), line.string("model"), line.string("method"),
                line.integer("seed"), line.string("engine")), line.string("metric"), numbers(line.object("scores")),
                numbers(line.object("baselines")), line.number("seconds"));
    }

    private static Map<String, Double> numbers(JsonObject object) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        object.fields().keySet().forEach(name -> numbers.put(name, object.number(name)));
        return numbers;
    }

    /** As {@link #read} reads it. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("task", key.task);
        json.put("model", key.model);
        json.put("method", key.method);
        json.put("seed", key.seed);
        json.put("engine", key.engine);
        json.put("metric", metric);
        json.put("scores", scores);
        json.put("baselines", baselines);
        json.put("seconds", seconds);
        return json;
    }
}
