package dev.lorikeet.cli.report;

import dev.lorikeet.transformer.metrics.Evaluation;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A metric as people read it.
 *
 * @param name as {@link Evaluation} has it
 */
public record Metric(String name) {
    private static final Map<String, String> TITLES = Map.ofEntries(Map.entry("f1_macro", "macro F1"),
            Map.entry("f1_micro", "micro F1"), Map.entry("matthews", "Matthews"), Map.entry("r2", "R²"),
            Map.entry("pearson", "Pearson"), Map.entry("spearman", "Spearman"),
            Map.entry("mse", "MSE"), Map.entry("mae", "MAE"),
            Map.entry("precision_micro", "precision"), Map.entry("recall_micro", "recall"),
            Map.entry("subset_accuracy", "exact"), Map.entry("hamming_loss", "Hamming"),
            Map.entry("f1", "F1"), Map.entry("mrr_10", "MRR@10"), Map.entry("ndcg_10", "nDCG@10"),
            Map.entry("recall_10", "recall@10"), Map.entry("exact_match", "exact"),
            Map.entry("exact_match_answered", "exact answered"),
            Map.entry("f1_answered", "F1 answered"), Map.entry("bleu", "BLEU"),
            Map.entry("chrf", "chrF"), Map.entry("rouge1", "ROUGE-1"), Map.entry("rouge2", "ROUGE-2"),
            Map.entry("rougeL", "ROUGE-L"), Map.entry("meteor", "METEOR"), Map.entry("nist", "NIST"),
            Map.entry("cider", "CIDEr"), Map.entry("cron_meaning", "same meaning"));
    /** In the unit of what is predicted, or correlations, which are no shares of anything. */
    private static final Set<String> NUMBERS = Set.of("mse", "mae", "matthews", "pearson", "spearman", "loss",
            "perplexity", "nist", "cider");
    /** Those of {@link #NUMBERS} that go to 1 and no further. */
    private static final Set<String> CORRELATIONS = Set.of("matthews", "pearson", "spearman");
    /** From here on a perplexity has no decimals. */
    private static final double MANY = 1000;

    /** For example {@code macro F1}. */
    public String title() {
        return TITLES.getOrDefault(name, name.replace('_', ' '));
    }

    /** At the beginning of a line: {@code Macro F1}. */
    public String heading() {
        return title().substring(0, 1).toUpperCase(Locale.ROOT) + title().substring(1);
    }

    /** A value of it: {@code 80.1 %}, or {@code 0.871}. */
    public String text(double value) {
        return Double.isNaN(value) ? "–"
                : name.equals("perplexity") && value >= MANY ? Format.count(Math.round(value))
                        : NUMBERS.contains(name) ? Format.number(value) : Format.percent(value);
    }

    /** A round value of it on an axis: {@code 80 %}, or {@code 0.8}. */
    String mark(double value) {
        return NUMBERS.contains(name) ? Format.number(value) : Format.number(Math.round(1000 * value) / 10.0) + " %";
    }

    /** Whether it is a share of one, written in per cent. */
    boolean isShare() {
        return !NUMBERS.contains(name);
    }

    boolean isAtMostOne() {
        return isShare() || CORRELATIONS.contains(name);
    }

    /** Whether one value of it is better than another. */
    boolean isBetter(double value, double other) {
        return Evaluation.isLessBetter(name) ? value < other : value > other;
    }

    /** How much more one value is than another: {@code +9.1 points}. */
    public String difference(double value, double other) {
        return NUMBERS.contains(name) ? (value < other ? "" : "+") + Format.number(value - other)
                : Format.points(value - other) + " points";
    }

    /** How one value stands beside another: {@code 9.1 points over the frozen linear probe}. */
    String beside(double value, double other, String name) {
        String difference = difference(value, other).replaceFirst("^[+-]", "");
        return Double.isNaN(value) ? ""
                : difference.matches("0(\\.0)?( points)?") ? "as the " + name
                        : difference + (value < other ? " under the " : " over the ") + name;
    }
}
