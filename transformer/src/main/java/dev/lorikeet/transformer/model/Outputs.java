package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.io.JsonObject;

/**
 * What {@code config.json} says about the outputs of a classifier.
 *
 * @param labels how many there are: {@code id2label}, else {@code num_labels}, else 2
 * @param regression whether they are numbers: {@code problem_type}, else for a single label
 */
record Outputs(int labels, boolean regression) {
    static Outputs read(JsonObject json) {
        int labels = json.has("id2label") ? json.object("id2label").fields().size()
                : ConfigFields.positive(json, "num_labels", 2);
        if (labels == 0) {
            throw json.error("id2label", "must have at least one label");
        }
        if (json.has("num_labels") && json.integer("num_labels") != labels) {
            throw json.error("num_labels", json.integer("num_labels") + " contradicts the " + labels + " of id2label");
        }
        String problem = json.string("problem_type", labels == 1 ? "regression" : "single_label_classification");
        if (problem.equals("single_label_classification") && labels == 1) {
            throw json.error("problem_type", "\"" + problem + "\" needs more than one label");
        }
        return new Outputs(labels, switch (problem) {
            case "regression" -> true;
            case "single_label_classification" -> false;
            default -> throw json.error("problem_type",
                    "\"" + problem + "\" is not one of regression, single_label_classification");
        });
    }
}
