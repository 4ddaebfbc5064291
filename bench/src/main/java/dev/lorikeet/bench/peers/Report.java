package dev.lorikeet.bench.peers;

import dev.lorikeet.bench.Unit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A finished run, written for people.
 *
 * @param kernels what each engine says of itself, by name
 * @param problems one sentence each
 */
record Report(Machine machine, Map<String, String> kernels, List<Result> results, List<String> problems) {
    private static final double FULL_SPEED = 0.8;

    /** A table with a column for each engine, and what must be known to judge it. */
    String markdown() {
        StringBuilder out = new StringBuilder("# Lorikeet and its peers\n\n");
        out.append("* Processor: ").append(machine.cpu()).append(" (").append(machine.vendor()).append("), ")
                .append(machine.cores()).append(" cores\n* JDK: ").append(machine.jdk()).append("; ")
                .append(machine.os()).append('\n');
        kernels.forEach((name, kernel) -> out.append("* ").append(name).append(": ").append(kernel).append('\n'));
        out.append('\n').append(words()).append('\n');
        table(out);
        if (!problems.isEmpty()) {
            out.append("\nNot measured:\n\n");
            problems.forEach(problem -> out.append("* ").append(problem).append('\n'));
        }
        return out.toString();
    }

    private String words() {
        String words = """
                Medians of interleaved rounds on the same data; of ms, less is better, of all else more. The rival is
                the fastest native engine of the row, or the machine's own limit where the target is meant against that.
                Ratio: how many times as fast as the rival ours is. Of limit: the share of the FMA peak or of the
                bandwidth. Quiet: in how many samples of all engines nobody else was at work on these cores, as a loop
                beside each one tells; the medians are those of quiet ones where each engine has enough of them.
                """;
        String shared = machine.isShared() ? """

                **Other processes were at work on this machine** (%s of %d cores in the second before the first round):
                the figures are provisional.
                """.formatted(Unit.text(machine.busy()), machine.cores()) : "";
        return words + mkl() + shared;
    }

    /** MKL keeps its best kernels for its maker's processors; whether it does so here, only its speed says. */
    private String mkl() {
        double[] shares = results.stream().filter(result -> result.work().equals("matmul"))
                .mapToDouble(result -> result.value("MKL") / result.value("OpenBLAS"))
                .filter(share -> !Double.isNaN(share)).sorted().toArray();
        if (shares.length == 0) {
            return "";
        }
        double share = shares[shares.length / 2];
        String found = "MKL, also inside PyTorch, reaches " + ratio(share)
                + " of OpenBLAS in the median matrix product";
        return share >= FULL_SPEED ? "\n" + found + ": it is not held back on this processor.\n" : """

                **%s: it takes its slow path here, as it does on processors of other makers.** A ratio to PyTorch or MKL
                from this machine says little about others; those to OpenBLAS, ONNX Runtime and the FMA peak are the
                portable ones.
                """.formatted(found);
    }

    private void table(StringBuilder out) {
        List<String> engines = engines();
        List<String> head = new ArrayList<>(List.of("work", "shape (m x k x n)", "form", "threads", "unit"));
        head.addAll(engines);
        head.addAll(List.of("rival", "ratio", "target", "of limit", "quiet"));
        line(out, head);
        out.append("|---|---|---|---:|---|").append("---:|".repeat(engines.size()))
                .append("---|---:|---:|---:|---:|\n");
        for (Result result : results) {
            List<String> cells = new ArrayList<>(List.of(result.work(), result.shape(), result.form(),
                    Integer.toString(result.threads()), result.unit().label()));
            engines.forEach(name -> cells.add(result.results().containsKey(name)
                    ? Unit.text(result.results().get(name))
                    : ""));
            cells.add(result.rival().orElse(""));
            cells.add(result.reached() ? "**" + ratio(result.ratio()) + "**" : ratio(result.ratio()));
            cells.add(ratio(result.target()));
            cells.add(result.ofLimit().map(Report::ratio).orElse(""));
            cells.add(result.quiet() + " of " + result.samples());
            line(out, cells);
        }
    }

    /** Those with a result, in the order of their first. */
    private List<String> engines() {
        Set<String> names = new LinkedHashSet<>(kernels.keySet());
        names.retainAll(results.stream().flatMap(result -> result.results().keySet().stream())
                .collect(Collectors.toSet()));
        return List.copyOf(names);
    }

    private static void line(StringBuilder out, List<String> cells) {
        out.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    static String ratio(double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.2f", value);
    }
}
