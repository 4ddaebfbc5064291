package dev.lorikeet.cli.report;

import dev.lorikeet.transformer.metrics.ClassScores.Score;
import dev.lorikeet.transformer.metrics.NamedScores;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** How well each label is told. */
final class ScoreTable {
    private ScoreTable() {}

    /** The hardest first; those that no example has last. */
    static String of(NamedScores scores) {
        Markup table = new Markup().open("table").open("thead").open("tr").leaf("th", "");
        for (String name : List.of("precision", "recall", "F1", "examples")) {
            table.leaf("th", name, "class", "number");
        }
        table.close().close().open("tbody");
        IntStream.range(0, scores.names().size()).boxed()
                .sorted(Comparator.<Integer, Boolean>comparing(i -> scores.each().get(i).support() == 0)
                        .thenComparing(i -> scores.each().get(i).f1()))
                .forEach(i -> {
                    Score score = scores.each().get(i);
                    table.open("tr").leaf("td", scores.names().get(i))
                            .leaf("td", Format.percent(score.precision()), "class", "number")
                            .leaf("td", Format.percent(score.recall()), "class", "number")
                            .leaf("td", Format.percent(score.f1()), "class", "number")
                            .leaf("td", Format.count(score.support()), "class", "number").close();
                });
        return table.close().close().toString();
    }
}
