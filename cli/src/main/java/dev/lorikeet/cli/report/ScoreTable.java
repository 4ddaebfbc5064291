package dev.lorikeet.cli.report;

import dev.lorikeet.transformer.metrics.ClassScores.Score;
import dev.lorikeet.transformer.metrics.LabelScores;
import dev.lorikeet.transformer.metrics.Labelled;
import dev.lorikeet.transformer.metrics.NamedScores;
import dev.lorikeet.transformer.metrics.Thresholds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** How well each label is told, the hardest first; those that no example has last. */
final class ScoreTable {
    /** A page has no room for two thousand. */
    private static final int MOST = 60;

    private ScoreTable() {}

    static String of(NamedScores scores) {
        List<List<String>> rows = new ArrayList<>(List.of(List.of("", "precision", "recall", "F1", "examples")));
        hardest(scores).forEach(i -> rows.add(row(scores, i)));
        return shown(rows);
    }

    /** With the average precision of each and, where thresholds of its own tell it, how well the usual one does. */
    static String of(Labelled said) {
        NamedScores scores = said.named();
        List<String> head = new ArrayList<>(List.of("", "precision", "recall", "F1", "examples", "average precision"));
        boolean own = !said.thresholds().areUsual();
        LabelScores usual = LabelScores.of(said.actual(), Thresholds.usual(said.labels().size()).said(said.scores()));
        if (own) {
            head.addAll(List.of("threshold", "F1 with 0.5"));
        }
        List<List<String>> rows = new ArrayList<>(List.of(head));
        for (int i : hardest(scores)) {
            List<String> row = new ArrayList<>(row(scores, i));
            row.add(Format.percent(said.precisionRecall(i).averagePrecision()));
            if (own) {
                row.add(Format.number(said.thresholds().each().get(i)));
                row.add(Format.percent(usual.each().get(i).f1()));
            }
            rows.add(row);
        }
        return shown(rows);
    }

    private static List<Integer> hardest(NamedScores scores) {
        return IntStream.range(0, scores.names().size()).boxed()
                .sorted(Comparator.<Integer, Boolean>comparing(i -> scores.each().get(i).support() == 0)
                        .thenComparing(i -> scores.each().get(i).f1()))
                .toList();
    }

    private static List<String> row(NamedScores scores, int i) {
        Score score = scores.each().get(i);
        return List.of(scores.names().get(i), Format.percent(score.precision()), Format.percent(score.recall()),
                Format.percent(score.f1()), Format.count(score.support()));
    }

    private static String shown(List<List<String>> rows) {
        int left = rows.size() - 1 - MOST;
        return Page.table(left <= 0 ? rows : rows.subList(0, MOST + 1), true)
                + (left <= 0 ? "" : new Markup().leaf("p", "and " + Format.count(left) + " more", "class", "note"));
    }
}
