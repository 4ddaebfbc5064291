package dev.lorikeet.bench;

import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** What JMH measured, as a table with scalar and vector code side by side. */
final class KernelTable {
    private static final String KERNELS = "kernels";
    private static final String SCALAR = "scalar";
    private static final String VECTOR = "vector";

    private KernelTable() {}

    /**
     * One result.
     *
     * @param name class, method, and parameters but {@code kernels}
     * @param kernels {@code scalar} or {@code vector}; a benchmark without that parameter is of vector code
     * @param error half the 99.9 % confidence interval of the mean
     */
    record Measurement(String name, String kernels, String unit, double median, double error) {
        static Measurement of(RunResult run) {
            BenchmarkParams parameters = run.getParams();
            String[] words = parameters.getBenchmark().split("\\.");
            String others = parameters.getParamsKeys().stream().filter(key -> !key.equals(KERNELS)).sorted()
                    .map(key -> ", " + key + " " + parameters.getParam(key)).collect(Collectors.joining());
            // what the benchmark counts itself, gigabytes, or else JMH's time
            boolean counts = !run.getSecondaryResults().isEmpty();
            Result<?> result = counts ? run.getSecondaryResults().values().iterator().next() : run.getPrimaryResult();
            return new Measurement(words[words.length - 2].replace("Benchmark", "") + "." + words[words.length - 1]
                    + others, parameters.getParamsKeys().contains(KERNELS) ? parameters.getParam(KERNELS) : VECTOR,
                    counts ? "GB/s" : result.getScoreUnit(), result.getStatistics().getPercentile(50),
                    result.getScoreError());
        }
    }

    /** A row for each name. */
    static String markdown(List<Measurement> measurements) {
        SortedMap<String, SortedMap<String, Measurement>> rows = new TreeMap<>();
        for (Measurement measurement : measurements) {
            rows.computeIfAbsent(measurement.name, name -> new TreeMap<>()).put(measurement.kernels, measurement);
        }
        StringBuilder out = new StringBuilder("""
                # Lorikeet's kernels

                By JMH: medians of all iterations in all JVMs, ± half the 99.9 % confidence interval of the mean.
                Of times (us/op) less is better, of rates more; times: how many times as fast the vectors are.

                | benchmark | unit | scalar | vector | times |
                |---|---|---:|---:|---:|
                """);
        rows.forEach((name, row) -> {
            Measurement scalar = row.get(SCALAR);
            Measurement vector = row.get(VECTOR);
            String times = scalar == null || vector == null ? ""
                    : String.format(Locale.ROOT, "%.1f", scalar.median / vector.median);
            out.append("| ").append(String.join(" | ", name, row.firstEntry().getValue().unit, cell(scalar),
                    cell(vector), times)).append(" |\n");
        });
        return out.toString();
    }

    private static String cell(@Nullable Measurement measurement) {
        return measurement == null ? "" : Unit.text(measurement.median) + " ± " + Unit.text(measurement.error);
    }
}
