package dev.lorikeet.cli.recipe;

import dev.lorikeet.transformer.metrics.text.TextScores;
import java.util.List;
import java.util.Locale;

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
    CRON_MEANING("cron_meaning");

    private final List<String> metrics;

    ScoreKind(String... metrics) {
        this.metrics = List.of(metrics);
    }

    /** The name in a recipe. */
    public String fileName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The names of its numbers. */
    public List<String> metrics() {
        return metrics;
    }
}
