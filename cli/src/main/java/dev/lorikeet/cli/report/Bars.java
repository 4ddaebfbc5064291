package dev.lorikeet.cli.report;

import dev.lorikeet.transformer.training.Validation;
import java.util.LinkedHashMap;
import java.util.Map;

/** A run with one evaluation beside its baselines, as bars: there is no curve through one dot. */
final class Bars {
    private Bars() {}

    /** The run's bar is that of {@code validation}; of what is below 0, as R² may be, there is none. */
    static String of(Run run, Validation validation) {
        Metric metric = run.metric();
        Map<String, Double> values = new LinkedHashMap<>();
        run.baselines().forEach(baseline -> values.put(baseline.name(), baseline.value()));
        values.put(run.facts().recipe().method().title() + ", " + run.facts().evaluatedOn(),
                validation.evaluation().main());
        double most = values.values().stream().filter(Double::isFinite).mapToDouble(v -> v).max().orElse(1);
        double full = Math.max(most, 1e-9);
        Markup table = new Markup().open("table", "class", "bars").open("tbody");
        values.forEach((name, value) -> {
            table.open("tr").leaf("td", name);
            boolean own = name.startsWith(run.facts().recipe().method().title());
            bar(table, Double.isNaN(value) ? 0 : value / full, own ? "own" : "plain", metric.text(value))
                    .close();
        });
        return table.close().close().toString();
    }

    /** A cell with a bar of a share of its width, and what it stands for. */
    static Markup bar(Markup table, double share, String type, String text) {
        String width = "width:" + Markup.coordinate(100 * Math.clamp(share, 0, 1)) + "%";
        return table.open("td", "class", "bar").open("div").open("u").leaf("i", "", "class", type, "style", width)
                .close().leaf("b", text).close().close();
    }
}
