package dev.lorikeet.bench.kills;

import dev.lorikeet.cli.report.Format;
import java.util.List;
import java.util.stream.Collectors;

/** What the kills have shown, as a Markdown page. */
final class KillsTable {
    private static final List<String> SIGNALS = List.of("KILL", "TERM", "INT");

    private KillsTable() {}

    static String markdown(List<Series> all, String command) {
        int kills = all.stream().mapToInt(Series::allKills).sum();
        int compared = all.stream().mapToInt(Series::compared).sum();
        int faults = all.stream().mapToInt(series -> series.faults().size()).sum();
        StringBuilder page = new StringBuilder("# Runs that were killed\n\n`" + command + "` killed "
                + Format.count(kills, "run", "runs") + " at random moments and went on with each until it was killed "
                + "again or at its end. Adapter or model, head, task and every line of `metrics.jsonl` but for its "
                + "times were those of a run that nobody disturbed in "
                + (faults == 0 ? "all " + Format.count(compared, "run", "runs") + "; every checkpoint that was left "
                        + "could be read, and those of different runs after the same step were the same.\n"
                        : Format.count(compared) + " runs but for what stands below.\n")
                + "\n| task and method | KILL | TERM | INT | went on | runs compared | checkpoints read | "
                + "checkpoints compared | faults |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        for (Series series : all) {
            page.append("| ").append(series.variant().task()).append(", `").append(series.variant().flags())
                    .append("` | ").append(SIGNALS.stream()
                            .map(signal -> Integer.toString(series.kills().getOrDefault(signal, 0)))
                            .collect(Collectors.joining(" | ")))
                    .append(" | ").append(series.resumed()).append(" | ").append(series.compared()).append(" | ")
                    .append(series.statesRead()).append(" | ").append(series.statesCompared()).append(" | ")
                    .append(series.faults().size()).append(" |\n");
        }
        for (Series series : all) {
            series.faults().forEach(fault -> page.append("\n* ").append(series.variant().name()).append(": ")
                    .append(fault));
        }
        return page.append(faults == 0 ? "" : "\n").toString();
    }
}
