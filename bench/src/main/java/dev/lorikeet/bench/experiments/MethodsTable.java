package dev.lorikeet.bench.experiments;

import dev.lorikeet.cli.recipe.Method;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.run.SavedRun;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.settings.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Runs of one task by several methods, a row for each method with the mean over its seeds. */
final class MethodsTable {
    private static final List<String> ORDER = List.of("lora", "rslora", "adalora", "autolora", "full");

    private final List<SavedRun> runs;
    private final SortedMap<Method, List<SavedRun>> rows = new TreeMap<>(Comparator
            .<Method>comparingInt(method -> ORDER.indexOf(method.name()))
            .thenComparingInt(method -> method instanceof Method.Adapted adapted ? adapted.rank() : 0)
            .thenComparing(Method::toString));

    /**
     * @param runs one at least
     * @throws InputException if they differ in more than method, its learning rate and seed, or two not even in that
     */
    MethodsTable(List<SavedRun> runs) {
        this.runs = List.copyOf(runs);
        SavedRun first = runs.getFirst();
        Set<Object> seen = new LinkedHashSet<>();
        for (SavedRun run : runs) {
            if (!task(run.recipe()).equals(task(first.recipe()))) {
                throw new InputException(run.directory(), "recipe.yaml",
                        "the run is of another task or has other settings than that in " + first.directory());
            }
            if (!seen.add(List.of(run.recipe().method(), run.recipe().training().seed()))) {
                throw new InputException(run.directory(), "recipe.yaml",
                        "there is another run of the same method and seed among those to compare");
            }
            rows.computeIfAbsent(run.recipe().method(), _ -> new ArrayList<>()).add(run);
        }
        rows.values().forEach(row -> row.sort(Comparator.comparingLong(run -> run.recipe().training().seed())));
    }

    /** What must be the same for runs to be compared. */
    private static Settings task(Recipe recipe) {
        return recipe.values().only(setting -> !List.of("method", "compute", "tracking").contains(setting.section())
                && !List.of("name", "training.seed", "training.adapter-rate").contains(setting.name()));
    }

    String markdown() {
        StringBuilder out = new StringBuilder();
        out.append(caption()).append("""

                | method | rank | trainable parameters | test accuracy | of each seed | seconds of training |
                |---|---:|---:|---:|---|---:|
                """);
        runs.getFirst().baselines().keySet().forEach(name -> line(out, name, "", name.startsWith("majority") ? "0"
                : Format.count(runs.getFirst().headParameters()), baseline(name), "", ""));
        rows.forEach((method, row) -> line(out, method.title(), rank(method, row),
                Format.count(Math.round(mean(row.stream().map(run -> (double) run.parameters()).toList()))),
                spread(accuracies(row)), accuracies(row).stream().map(MethodsTable::points)
                        .collect(Collectors.joining(", ")),
                Format.count(Math.round(mean(row.stream().map(SavedRun::seconds).toList())))));
        return out.toString();
    }

    private String caption() {
        Recipe recipe = runs.getFirst().recipe();
        String threads = runs.stream().map(run -> run.recipe().compute().threads())
                .map(n -> n == null ? "all" : n.toString()).distinct().sorted().collect(Collectors.joining(" or "));
        String seeds = runs.stream().map(run -> run.recipe().training().seed()).distinct().sorted()
                .map(String::valueOf).collect(Collectors.joining(", "));
        String rates = rows.entrySet().stream()
                .collect(Collectors.groupingBy(
                        row -> row.getValue().getFirst().recipe().training().adapterRate(), LinkedHashMap::new,
                        Collectors.mapping(row -> row.getKey().title(), Collectors.toCollection(LinkedHashSet::new))))
                .entrySet().stream().map(rate -> Format.number(rate.getKey()) + " for " + String.join(", ",
                        rate.getValue()))
                .collect(Collectors.joining("; "));
        return wrapped("Model " + Path.of(recipe.model()).getFileName() + ", recipe " + recipe.name() + ": "
                + Format.count(recipe.training().epochs(), "epoch", "epochs") + ", batches of "
                + recipe.training().batchSize() + ". Peak learning rates of the encoder: " + rates + ". Seeds " + seeds
                + "; behind ± stands the standard deviation over them, in points. Threads: " + threads + ".");
    }

    /** In lines of at most 120 letters. */
    private static String wrapped(String text) {
        return text.replaceAll("(.{1,120})(?: |$)", "$1\n");
    }

    /** The mean over the seeds, each seed once. */
    private String baseline(String name) {
        Map<Long, Double> bySeed = new LinkedHashMap<>();
        runs.forEach(run -> {
            Double accuracy = run.baselines().get(name);
            if (accuracy != null) {
                bySeed.putIfAbsent(run.recipe().training().seed(), accuracy);
            }
        });
        return spread(List.copyOf(bySeed.values()));
    }

    /** The rank given, or the mean of those found with the highest that there could be. */
    private static String rank(Method method, List<SavedRun> row) {
        return switch (method) {
            case Method.Full _ -> "";
            case Method.Lora lora -> Integer.toString(lora.rank());
            case Method.Adapted allocated -> String.format(Locale.ROOT, "%.1f of %d",
                    mean(row.stream().map(SavedRun::meanRank).toList()), allocated.rank());
        };
    }

    private static List<Double> accuracies(List<SavedRun> row) {
        return row.stream().map(SavedRun::value).toList();
    }

    private static String spread(List<Double> shares) {
        return points(mean(shares)) + " %" + (shares.size() < 2 ? "" : " ± " + points(deviation(shares)));
    }

    private static String points(double share) {
        return String.format(Locale.ROOT, "%.1f", 100 * share);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(value -> value).average().orElseThrow();
    }

    /** The standard deviation of the population that {@code values} are a sample of. */
    private static double deviation(List<Double> values) {
        double mean = mean(values);
        return Math.sqrt(values.stream().mapToDouble(value -> (value - mean) * (value - mean)).sum()
                / (values.size() - 1));
    }

    private static void line(StringBuilder out, String... cells) {
        out.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    /** As {@link dev.lorikeet.transformer.io.Json} writes it. */
    List<Map<String, Object>> json() {
        List<Map<String, Object>> list = new ArrayList<>();
        rows.forEach((method, row) -> {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("method", method.name());
            if (method instanceof Method.Adapted adapted) {
                map.put("rank", adapted.rank());
                map.put("alpha", adapted.alpha());
            }
            map.put("accuracy", mean(accuracies(row)));
            if (row.size() > 1) {
                map.put("accuracy_deviation", deviation(accuracies(row)));
            }
            map.put("runs", row.stream().map(MethodsTable::json).toList());
            list.add(map);
        });
        return list;
    }

    private static Map<String, Object> json(SavedRun run) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("seed", run.recipe().training().seed());
        map.put("accuracy", run.value());
        map.put("parameters", run.parameters());
        map.put("seconds", run.seconds());
        if (!Double.isNaN(run.meanRank())) {
            map.put("mean_rank", run.meanRank());
        }
        map.put("learning_rate", run.recipe().training().adapterRate());
        return map;
    }
}
