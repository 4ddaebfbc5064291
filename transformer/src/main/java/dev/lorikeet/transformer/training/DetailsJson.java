package dev.lorikeet.transformer.training;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.metrics.ClassScores.Score;
import dev.lorikeet.transformer.metrics.ConfusionMatrix;
import dev.lorikeet.transformer.metrics.Details;
import dev.lorikeet.transformer.metrics.Fit;
import dev.lorikeet.transformer.metrics.NamedScores;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The details of an evaluation as a state has them. */
final class DetailsJson {
    private static final String CLASSES = "classes";
    private static final String NAMES = "names";

    private DetailsJson() {}

    static @Nullable Map<String, Object> write(@Nullable Details details) {
        return switch (details) {
            case ConfusionMatrix matrix -> Map.of(CLASSES, matrix.classes(), "actual_said_count", counts(matrix));
            case Fit fit -> json(NAMES, fit.names(), "actual", numbers(fit.actual()), "predicted",
                    numbers(fit.predicted()));
            case NamedScores scores -> json(NAMES, scores.names(), "precision_recall_f1_support",
                    scores.each().stream().flatMap(each -> List.<Object>of(each.precision(), each.recall(), each.f1(),
                            each.support()).stream()).toList());
            case null -> null;
        };
    }

    private static Map<String, Object> json(Object... fields) {
        Map<String, Object> json = new LinkedHashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            json.put((String) fields[i], fields[i + 1]);
        }
        return json;
    }

    /** Most of many classes are never taken for most others. */
    private static List<Integer> counts(ConfusionMatrix confusion) {
        List<Integer> counts = new ArrayList<>();
        for (int actual = 0; actual < confusion.classes(); actual++) {
            for (int said = 0; said < confusion.classes(); said++) {
                if (confusion.count(actual, said) > 0) {
                    counts.addAll(List.of(actual, said, confusion.count(actual, said)));
                }
            }
        }
        return counts;
    }

    private static List<Float> numbers(float[] all) {
        List<Float> numbers = new ArrayList<>(all.length);
        for (float each : all) {
            numbers.add(each);
        }
        return numbers;
    }

    /** @throws IllegalArgumentException or {@link ClassCastException} if something is not what it was */
    static Details read(JsonObject json) {
        if (json.has(CLASSES)) {
            return ConfusionMatrix.ofCounts(json.integer(CLASSES), json.list("actual_said_count").stream()
                    .mapToInt(each -> (Integer) each).toArray());
        }
        List<String> names = json.list(NAMES).stream().map(each -> (String) each).collect(Collectors.toList());
        if (json.has("actual")) {
            return new Fit(names, floats(json, "actual"), floats(json, "predicted"));
        }
        double[] all = json.list("precision_recall_f1_support").stream()
                .mapToDouble(each -> ((Number) each).doubleValue()).toArray();
        List<Score> scores = new ArrayList<>();
        for (int i = 0; i + 3 < all.length; i += 4) {
            scores.add(new Score(all[i], all[i + 1], all[i + 2], (int) all[i + 3]));
        }
        return new NamedScores(names, scores);
    }

    private static float[] floats(JsonObject json, String field) {
        List<?> all = json.list(field);
        float[] numbers = new float[all.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = ((Number) all.get(i)).floatValue();
        }
        return numbers;
    }
}
