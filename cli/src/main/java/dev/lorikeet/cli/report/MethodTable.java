package dev.lorikeet.cli.report;

import dev.lorikeet.cli.report.Run.AdaptedLayer;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Locale;

/** The run beside its baselines: what each trains, how good it is, how long it takes. */
public final class MethodTable {
    private MethodTable() {}

    static String of(Run run) {
        Markup table = new Markup().open("table", "class", "methods").open("thead").open("tr").leaf("th", "method")
                .leaf("th", "ranks");
        for (String name : List.of("parameters trained", run.resultOf() + " " + run.metric().title(),
                "time of training")) {
            table.leaf("th", name, "class", "number");
        }
        table.close().close().open("tbody");
        for (Run.Baseline baseline : run.baselines()) {
            row(table, baseline.name(), "", baseline.parameters(), run.metric().text(baseline.value()),
                    baseline.seconds());
        }
        Run.Facts facts = run.facts();
        row(table, facts.recipe().method().title(), ranks(run.layers()), run.trained(),
                run.metric().text(run.result().main()), run.allSeconds());
        return table.close().close().toString();
    }

    private static void row(Markup table, String name, String ranks, long parameters, String value,
            double seconds) {
        table.open("tr").leaf("td", name).leaf("td", ranks).leaf("td", Format.count(parameters), "class", "number")
                .leaf("td", value, "class", "number")
                .leaf("td", Format.seconds(seconds), "class", "number").close();
    }

    /** {@code 8 each}, or {@code 0 to 12, 8.0 in the mean}; nothing where there are no adapters. */
    public static String ranks(List<AdaptedLayer> layers) {
        if (layers.isEmpty()) {
            return "";
        }
        IntSummaryStatistics ranks = layers.stream().mapToInt(AdaptedLayer::rank).summaryStatistics();
        return ranks.getMin() == ranks.getMax() ? ranks.getMin() + " each"
                : String.format(Locale.ROOT, "%d to %d, %.1f in the mean", ranks.getMin(), ranks.getMax(),
                        ranks.getAverage());
    }
}
