package dev.lorikeet.transformer.training;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.metrics.Answered;
import dev.lorikeet.transformer.metrics.Classified;
import dev.lorikeet.transformer.metrics.Details;
import dev.lorikeet.transformer.metrics.Entities;
import dev.lorikeet.transformer.metrics.Fit;
import dev.lorikeet.transformer.metrics.Labelled;
import dev.lorikeet.transformer.metrics.Retrieved;
import dev.lorikeet.transformer.metrics.Tagged;
import dev.lorikeet.transformer.metrics.Thresholds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The details of an evaluation as a state has them. */
final class DetailsJson {
    private static final String CLASSES = "classes";
    private static final String NAMES = "names";
    private static final String ACTUAL = "actual";
    private static final String SAID = "said";
    private static final String SCORES = "scores";
    private static final String PARTNER = "partner";

    private DetailsJson() {}

    static @Nullable Map<String, Object> write(@Nullable Details details) {
        return switch (details) {
            case Classified said -> json(CLASSES, said.classes(), ACTUAL, numbers(said.actual()), SAID,
                    numbers(said.said()), "confidence", numbers(said.confidence()));
            case Labelled said -> json(NAMES, said.labels(), "labels_of", Arrays.stream(said.actual())
                    .map(has -> IntStream.range(0, has.length).filter(i -> has[i]).boxed().toList()).toList(), SCORES,
                    Arrays.stream(said.scores()).map(DetailsJson::numbers).toList(), "thresholds",
                    said.thresholds().each());
            case Fit fit -> json(NAMES, fit.names(), ACTUAL, numbers(fit.actual()), "predicted",
                    numbers(fit.predicted()));
            case Tagged said -> json(NAMES, said.tags(), "actual_tags", tags(said.tags(), said.actual()), "said_tags",
                    tags(said.tags(), said.said()));
            case Retrieved found -> json("examples", numbers(found.examples()), PARTNER, numbers(found.partner()),
                    "nearest", numbers(found.nearest()), "nearest_examples", numbers(found.nearestExamples()),
                    "nearest_texts", numbers(found.nearestTexts()));
            case Answered answered -> json("answers", answered.actual(), "answered", answered.said(), "found",
                    answered.found(), "null_scores", answered.nullScores());
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

    /** The numbers of the tags of each sentence; -1 for one that is none, as a word is answered without room. */
    private static List<List<Integer>> tags(List<String> tags, List<List<String>> sentences) {
        return sentences.stream().map(own -> own.stream().map(tags::indexOf).toList()).toList();
    }

    private static List<Integer> numbers(int[] all) {
        return Arrays.stream(all).boxed().toList();
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
            return new Classified(json.integer(CLASSES), integers(json, ACTUAL), integers(json, SAID),
                    floats(json, "confidence"));
        }
        if (json.has(PARTNER)) {
            return new Retrieved(integers(json, "examples"), floats(json, PARTNER), floats(json, "nearest"),
                    integers(json, "nearest_examples"), integers(json, "nearest_texts"));
        }
        if (json.has("answered")) {
            return new Answered(json.list("answers").stream().map(own -> texts((List<?>) own)).toList(),
                    texts(json.list("answered")), texts(json.list("found")), json.list("null_scores").stream()
                            .map(each -> ((Number) each).floatValue()).toList());
        }
        List<String> names = json.list(NAMES).stream().map(each -> (String) each).collect(Collectors.toList());
        if (json.has(SCORES)) {
            return labelled(json, names);
        }
        return json.has("said_tags") ? new Tagged(names, tags(json, "actual_tags", names), tags(json, "said_tags",
                names)) : new Fit(names, floats(json, ACTUAL), floats(json, "predicted"));
    }

    private static Labelled labelled(JsonObject json, List<String> names) {
        List<?> labels = json.list("labels_of");
        List<?> scores = json.list(SCORES);
        boolean[][] actual = new boolean[labels.size()][names.size()];
        float[][] all = new float[scores.size()][];
        for (int i = 0; i < actual.length; i++) {
            for (Object label : (List<?>) labels.get(i)) {
                actual[i][(Integer) label] = true;
            }
            all[i] = floats((List<?>) scores.get(i));
        }
        return new Labelled(names, actual, all, new Thresholds(json.list("thresholds").stream()
                .map(each -> ((Number) each).doubleValue()).toList()));
    }

    private static List<List<String>> tags(JsonObject json, String field, List<String> names) {
        return json.list(field).stream().map(own -> ((List<?>) own).stream()
                .map(tag -> (Integer) tag < 0 ? Entities.NONE : names.get((Integer) tag)).toList()).toList();
    }

    private static List<String> texts(List<?> all) {
        return all.stream().map(each -> (String) each).collect(Collectors.toList());
    }

    private static int[] integers(JsonObject json, String field) {
        return json.list(field).stream().mapToInt(each -> (Integer) each).toArray();
    }

    private static float[] floats(JsonObject json, String field) {
        return floats(json.list(field));
    }

    private static float[] floats(List<?> all) {
        float[] numbers = new float[all.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = ((Number) all.get(i)).floatValue();
        }
        return numbers;
    }
}
