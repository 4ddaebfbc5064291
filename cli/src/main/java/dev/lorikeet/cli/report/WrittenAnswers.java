package dev.lorikeet.cli.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a language model wrote in answer to test examples.
 *
 * @param asked the prompts
 * @param before what it wrote before the training; null where nobody asked then
 * @param after what it wrote after the training; null until then
 */
public record WrittenAnswers(List<Asked> asked, @Nullable Written before, @Nullable Written after) {
    /** When the model was asked, as a person and as {@code metrics.jsonl} read it. */
    public static final String BEFORE = "before training";
    public static final String AFTER = "after training";

    public WrittenAnswers {
        asked = List.copyOf(asked);
    }

    /**
     * A prompt.
     *
     * @param prompt as a person reads it
     * @param references what was to be written, at least one
     */
    public record Asked(String prompt, List<String> references) {
        public Asked {
            references = List.copyOf(references);
        }

        /** As JSON has it; another one may add to it. */
        public Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("prompt", prompt);
            json.put("references", references);
            return json;
        }
    }

    /**
     * The answers of one model.
     *
     * @param texts one for each prompt
     * @param scores of all, by the names of metrics
     * @param tokens that it wrote, end tokens included
     */
    public record Written(List<String> texts, Map<String, Double> scores, long tokens, double seconds) {
        public Written {
            texts = List.copyOf(texts);
            scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
        }

        /** As a person reads the scores: {@code BLEU 23.1 %, chrF 40.2 %}. */
        public String shown() {
            return scores.entrySet().stream().map(each -> new Metric(each.getKey()))
                    .map(metric -> metric.title() + " " + metric.text(scores.getOrDefault(metric.name(), Double.NaN)))
                    .collect(Collectors.joining(", "));
        }
    }

    /** The answers before and after the training, as far as there are any, by when they were written. */
    public Map<String, Written> each() {
        Map<String, Written> each = new LinkedHashMap<>();
        if (before != null) {
            each.put(BEFORE, before);
        }
        if (after != null) {
            each.put(AFTER, after);
        }
        return each;
    }
}
