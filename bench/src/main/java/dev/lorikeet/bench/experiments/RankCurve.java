package dev.lorikeet.bench.experiments;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How a run's loss and gradient went, each a mean over as many steps.
 *
 * @param window so many steps
 * @param losses of the batches that were trained
 * @param norms of all gradients together
 */
record RankCurve(Key key, int window, List<Double> losses, List<Double> norms) {
    private static final int POINTS = 50;
    private static final Comparator<RankCurve> ORDER = Comparator.comparing((RankCurve curve) -> curve.key.task)
            .thenComparing(curve -> curve.key.model).thenComparing(curve -> curve.key.method)
            .thenComparing(curve -> curve.key.rank).thenComparing(curve -> curve.key.seed);

    /** Which run it is. */
    record Key(String task, String model, String method, int rank, long seed) {}

    RankCurve {
        losses = List.copyOf(losses);
        norms = List.copyOf(norms);
    }

    /** Of a finished run. */
    static RankCurve of(Key key, Path run) {
        List<JsonObject> steps = JsonObject.lines(run.resolve("metrics.jsonl")).stream()
                .filter(line -> line.string("type").equals("step")).toList();
        int window = Math.max(1, steps.size() / POINTS);
        return new RankCurve(key, window, means(steps, "loss", window), means(steps, "gradient_norm", window));
    }

    private static List<Double> means(List<JsonObject> steps, String field, int window) {
        return IntStream.range(0, steps.size() / window).mapToObj(i -> steps.subList(i * window, (i + 1) * window)
                .stream().mapToDouble(step -> step.number(field)).average().orElseThrow()).toList();
    }

    /** exp of the mean loss of the last tenth of the steps. */
    double perplexity() {
        return Math.exp(last(losses));
    }

    /** The mean of the last tenth of the steps. */
    double norm() {
        return last(norms);
    }

    private static double last(List<Double> values) {
        return values.subList(values.size() - Math.max(1, values.size() / 10), values.size()).stream()
                .mapToDouble(value -> value).average().orElseThrow();
    }

    /** Those of a file; none where there is none. */
    static List<RankCurve> read(Path file) {
        return !Files.exists(file) ? List.of()
                : JsonObject.lines(file).stream().map(line -> new RankCurve(
                        new Key(line.string("task"), line.string("model"), line.string("method"), line.integer("rank"),
                                line.integer("seed")),
                        line.integer("window"), numbers(line, "losses"), numbers(line, "norms"))).toList();
    }

    private static List<Double> numbers(JsonObject line, String name) {
        return line.list(name).stream().map(item -> line.anyNumber(item, name)).toList();
    }

    /** In the order of tasks, models, methods, ranks and seeds. */
    static void write(List<RankCurve> curves, Path file) {
        AtomicFile.write(file, curves.stream().sorted(ORDER).map(curve -> Json.writeLine(curve.json()))
                .collect(Collectors.joining()));
    }

    private Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("task", key.task);
        json.put("model", key.model);
        json.put("method", key.method);
        json.put("rank", key.rank);
        json.put("seed", key.seed);
        json.put("window", window);
        json.put("losses", losses);
        json.put("norms", norms);
        return json;
    }
}
