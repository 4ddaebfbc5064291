package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What the outputs of a classifier or of a regression mean.
 *
 * @param labels the names of the outputs, in their order
 * @param regression whether they are numbers rather than scores of classes
 */
public record Outputs(List<String> labels, boolean regression) {
    private static final String ID2LABEL = "id2label";
    private static final String PROBLEM_TYPE = "problem_type";
    private static final String REGRESSION = "regression";
    private static final String CLASSES = "single_label_classification";

    public Outputs {
        labels = List.copyOf(labels);
    }

    /**
     * What {@code config.json} says: names are those of {@code id2label}, or {@code LABEL_0} and so on as Hugging
     * Face's, of {@code num_labels}, else of 2; they are numbers by {@code problem_type}, else where there is one.
     *
     * @throws dev.lorikeet.transformer.io.InputException if fields contradict one another
     */
    static Outputs read(JsonObject json) {
        Map<String, Object> names = json.has(ID2LABEL) ? json.object(ID2LABEL).fields() : Map.of();
        int count = json.has(ID2LABEL) ? names.size() : ConfigFields.positive(json, "num_labels", 2);
        if (count == 0) {
            throw json.error(ID2LABEL, "must have at least one label");
        }
        if (json.has("num_labels") && json.integer("num_labels") != count) {
            throw json.error("num_labels", json.integer("num_labels") + " contradicts the " + count + " of id2label");
        }
        if (!names.isEmpty() && !IntStream.range(0, count).allMatch(i -> names.containsKey(Integer.toString(i)))) {
            throw json.error(ID2LABEL, "has the numbers " + Shown.names(names.keySet()) + ", 0 to " + (count - 1)
                    + " are expected");
        }
        String problem = json.string(PROBLEM_TYPE, count == 1 ? REGRESSION : CLASSES);
        if (problem.equals(CLASSES) && count == 1) {
            throw json.error(PROBLEM_TYPE, "\"" + problem + "\" needs more than one label");
        }
        List<String> labels = IntStream.range(0, count)
                .mapToObj(i -> String.valueOf(names.getOrDefault(Integer.toString(i), "LABEL_" + i))).toList();
        requireNames(labels, json);
        return new Outputs(labels, switch (problem) {
            case REGRESSION -> true;
            case CLASSES -> false;
            default -> throw json.error(PROBLEM_TYPE,
                    "\"" + problem + "\" is not one of regression, single_label_classification");
        });
    }

    /** By its name an output is asked for and written. */
    private static void requireNames(List<String> labels, JsonObject json) {
        Set<String> seen = new HashSet<>();
        for (String label : labels) {
            if (label.isBlank() || !seen.add(label)) {
                throw json.error(ID2LABEL, Shown.value(label) + (label.isBlank() ? " is no name" : " is there twice"));
            }
        }
    }

    /** How many outputs there are. */
    public int count() {
        return labels.size();
    }

    /** The fields of {@code config.json} that say this. */
    Map<String, Object> fields() {
        Map<String, Object> names = new LinkedHashMap<>();
        Map<String, Object> numbers = new LinkedHashMap<>();
        for (int i = 0; i < labels.size(); i++) {
            names.put(Integer.toString(i), labels.get(i));
            numbers.put(labels.get(i), i);
        }
        return Map.of(ID2LABEL, names, "label2id", numbers, PROBLEM_TYPE, regression ? REGRESSION : CLASSES);
    }
}
