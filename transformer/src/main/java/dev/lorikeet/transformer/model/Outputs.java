package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What the outputs of a classifier or of a regression mean.
 *
 * @param labels the names of the outputs, in their order
 */
public record Outputs(List<String> labels, Problem problem) {
    /** What outputs are, by Hugging Face's {@code problem_type}. */
    public enum Problem {
        /** Numbers. */
        REGRESSION("regression"),
        /** Scores of classes, of which one is right. */
        SINGLE_LABEL("single_label_classification"),
        /** Scores of labels, of which any number is right. */
        MULTI_LABEL("multi_label_classification");

        private final String fileName;

        Problem(String fileName) {
            this.fileName = fileName;
        }
    }

    private static final String ID2LABEL = "id2label";
    private static final String PROBLEM_TYPE = "problem_type";

    public Outputs {
        labels = List.copyOf(labels);
    }

    /**
     * What {@code config.json} says: names are those of {@code id2label}, or {@code LABEL_0} and so on as Hugging
     * Face's, of {@code num_labels}, else of 2; they are numbers by {@code problem_type}, else where there is one.
     *
     * @throws dev.lorikeet.transformer.io.InputException if fields contradict one another
     */
    public static Outputs read(JsonObject json) {
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
        Problem problem = problem(json, count);
        List<String> labels = IntStream.range(0, count)
                .mapToObj(i -> String.valueOf(names.getOrDefault(Integer.toString(i), "LABEL_" + i))).toList();
        requireNames(labels, json);
        return new Outputs(labels, problem);
    }

    private static Problem problem(JsonObject json, int count) {
        Problem usual = count == 1 ? Problem.REGRESSION : Problem.SINGLE_LABEL;
        String name = json.string(PROBLEM_TYPE, usual.fileName);
        for (Problem problem : Problem.values()) {
            if (problem.fileName.equals(name)) {
                if (problem == Problem.SINGLE_LABEL && count == 1) {
                    throw json.error(PROBLEM_TYPE, "\"" + name + "\" needs more than one label");
                }
                return problem;
            }
        }
        throw json.error(PROBLEM_TYPE, "\"" + name + "\" is not one of "
                + Arrays.stream(Problem.values()).map(each -> each.fileName).collect(Collectors.joining(", ")));
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
        return Map.of(ID2LABEL, names, "label2id", numbers, PROBLEM_TYPE, problem.fileName);
    }
}
