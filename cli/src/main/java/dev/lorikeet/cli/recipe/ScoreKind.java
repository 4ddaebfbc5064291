package dev.lorikeet.cli.recipe;

import dev.lorikeet.cli.cron.CronMeaning;
import dev.lorikeet.transformer.metrics.text.Generated;
import dev.lorikeet.transformer.metrics.text.TextScores;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** By what texts are scored that a language model wrote, see {@link TextScores}. */
public enum ScoreKind {
    /** Texts that are one of their references. */
    EXACT_MATCH("exact_match"),
    /** As sacreBLEU has it. */
    BLEU("bleu"),
    /** As sacreBLEU has it. */
    CHRF("chrf"),
    /** As rouge-score has it. */
    ROUGE("rouge1", "rouge2", "rougeL"),
    /** As NLTK has it. */
    METEOR("meteor"),
    /** As NLTK has it. */
    NIST("nist"),
    /** As COCO's evaluation has it. */
    CIDER("cider"),
    /** Cron expressions that are due when one of their references is. */
    CRON_MEANING(CronMeaning::share, "cron_meaning");

    private final List<String> metrics;
    /** Null of the library's own, which are made together. */
    private final @Nullable ToDoubleFunction<List<Generated>> share;

    ScoreKind(String... metrics) {
        this.metrics = List.of(metrics);
        this.share = null;
    }

    ScoreKind(ToDoubleFunction<List<Generated>> share, String metric) {
        this.metrics = List.of(metric);
        this.share = share;
    }

    /** The numbers of some by their names, in the order of {@code kinds}. */
    public static Map<String, Double> of(List<ScoreKind> kinds, List<Generated> texts) {
        Map<String, Double> known = TextScores.of(texts).byName();
        Map<String, Double> scores = new LinkedHashMap<>();
        for (ScoreKind kind : kinds) {
            kind.metrics.forEach(name -> scores.put(name, kind.share == null
                    ? Objects.requireNonNull(known.get(name))
                    : kind.share.applyAsDouble(texts)));
        }
        return scores;
    }

    /** The name in a recipe. */
    String fileName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
