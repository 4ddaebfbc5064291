package dev.lorikeet.bench.experiments;

import dev.lorikeet.cli.report.Metric;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/** Two rows for each task and model: the metric that runs are compared by, and what the field reports beside it. */
record TasksTable(TaskRuns runs) {
    private static final List<String> ALSO = List.of("matthews", "pearson", "recall");
    private static final SequencedMap<String, String> METHODS = new LinkedHashMap<>();

    static {
        METHODS.put("lora-r8", "LoRA");
        METHODS.put("rslora-r8", "rsLoRA");
        METHODS.put("full", "all weights");
    }

    String markdown() {
        StringBuilder out = new StringBuilder("| task | model | metric | engine | frozen |");
        METHODS.values().forEach(title -> out.append(' ').append(title).append(" |"));
        out.append("\n|---|---|---|---|---:|").append("---:|".repeat(METHODS.size())).append('\n');
        Map<List<String>, List<TaskRun>> groups = runs.all().stream().collect(Collectors.groupingBy(
                run -> List.of(run.key().task(), run.key().model(), run.key().engine()), LinkedHashMap::new,
                Collectors.toList()));
        groups.forEach((key, group) -> {
            rows(group).forEach(metric -> {
                out.append("| ").append(key.get(0)).append(" | ").append(key.get(1)).append(" | ")
                        .append(new Metric(metric).title()).append(" | ").append(key.get(2)).append(" | ")
                        .append(frozen(group, metric)).append(" |");
                METHODS.keySet().forEach(method -> out.append(' ').append(cell(group, method, metric)).append(" |"));
                out.append('\n');
            });
        });
        return out.toString();
    }

    private static List<String> rows(List<TaskRun> group) {
        List<String> rows = new ArrayList<>(List.of(group.getFirst().metric()));
        ALSO.stream().filter(name -> group.getFirst().scores().containsKey(name)).findFirst().ifPresent(rows::add);
        return rows;
    }

    /** The best of what was run beside it: a probe, the encoder as it was, or the largest class. */
    private static String frozen(List<TaskRun> group, String metric) {
        if (!metric.equals(group.getFirst().metric())) {
            return "";
        }
        List<Double> best = group.stream().filter(run -> !run.baselines().isEmpty())
                .collect(Collectors.toMap(run -> run.key().seed(), run -> run.baselines().values().stream()
                        .mapToDouble(value -> value).max().orElseThrow(), (one, _) -> one))
                .values().stream().toList();
        return best.isEmpty() ? "" : spread(metric, best);
    }

    private static String cell(List<TaskRun> group, String method, String metric) {
        List<Double> values = group.stream().filter(run -> run.key().method().equals(method))
                .map(run -> run.scores().get(metric)).filter(Objects::nonNull).toList();
        return values.isEmpty() ? "" : spread(metric, values);
    }

    /** The mean, and behind ± the standard deviation over the seeds. */
    static String spread(String metric, List<Double> values) {
        Metric shown = new Metric(metric);
        double mean = values.stream().mapToDouble(value -> value).average().orElseThrow();
        if (values.size() == 1) {
            return shown.text(mean) + " (1 seed)";
        }
        double deviation = Math.sqrt(values.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum()
                / (values.size() - 1));
        return shown.text(mean) + " ± " + shown.text(deviation) + (values.size() == 3 ? ""
                : " (" + values.size()
                        + " seeds)");
    }
}
