package dev.lorikeet.bench.experiments;

import dev.lorikeet.cli.report.Metric;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** A row for each method and model of a task, with the scores of what was written, and the perplexity. */
record WritingTable(Writing writing, TaskRuns runs) {
    String markdown() {
        List<String> metrics = new ArrayList<>(writing.metrics());
        metrics.add("perplexity");
        StringBuilder out = new StringBuilder("| task | model | method | seeds |");
        metrics.forEach(metric -> out.append(' ').append(new Metric(metric).title()).append(" |"));
        out.append("\n|---|---|---|---:|").append("---:|".repeat(metrics.size())).append('\n');
        Map<List<String>, List<TaskRun>> groups = runs.all().stream().collect(Collectors.groupingBy(
                run -> List.of(run.key().task(), run.key().model(), run.key().method()), LinkedHashMap::new,
                Collectors.toList()));
        groups.forEach((key, group) -> {
            out.append("| ").append(String.join(" | ", key)).append(" | ").append(group.size()).append(" |");
            metrics.forEach(metric -> {
                List<Double> values = group.stream().map(run -> run.scores().get(metric)).filter(Objects::nonNull)
                        .toList();
                out.append(' ').append(values.isEmpty() ? "" : TasksTable.spread(metric, values)).append(" |");
            });
            out.append('\n');
        });
        return out.toString();
    }
}
