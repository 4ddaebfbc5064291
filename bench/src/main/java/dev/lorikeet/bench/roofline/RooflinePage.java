package dev.lorikeet.bench.roofline;

import dev.lorikeet.bench.Unit;
import dev.lorikeet.bench.peers.Machine;
import dev.lorikeet.tensor.kernel.KernelChoice;
import java.util.Locale;
import java.util.Map;

/** The passes as tables in Markdown. */
final class RooflinePage {
    private static final String HEAD = """
            | operation | way | calls | ms | of all | GFLOP/s | of the peak | GB/s | of the bandwidth | lost ms | \
            KB of objects |
            |---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
            """;

    private RooflinePage() {}

    /** @param passes by their titles */
    static String markdown(Machine machine, int threads, int runs, Map<String, Roofline> passes) {
        StringBuilder out = new StringBuilder("# Passes by operation\n\n");
        out.append("* Processor: ").append(machine.cpu()).append(" (").append(machine.vendor()).append("), ")
                .append(machine.cores()).append(" cores; threads: ").append(threads).append("; kernels: ")
                .append(KernelChoice.made().kernels().name()).append("\n* JDK: ").append(machine.jdk()).append("; ")
                .append(machine.os()).append("\n* Medians of ").append(runs).append(" runs\n\n").append("""
                        The flops are those of products, the bytes what an operation must read and write, each once:
                        inputs, output, gradients, and the packed or intermediate matrices that products read. Lost is
                        the time beyond what all flops need at the FMA peak or all bytes at the bandwidth of memory,
                        whichever is longer; what is in a cache may come faster than that. Objects are those of the
                        first thread.
                        """);
        if (machine.isShared()) {
            out.append("\n**Other processes were at work on this machine**: the figures are provisional.\n");
        }
        passes.forEach((title, pass) -> table(out, title, pass));
        return out.toString();
    }

    private static void table(StringBuilder out, String title, Roofline pass) {
        Roof roof = pass.roof();
        out.append("\n## ").append(title).append(String.format(Locale.ROOT, """
                : %s ms

                FMA peak %s GFLOP/s, reading from memory %s GB/s.

                """, Unit.text(1e3 * pass.seconds()), Unit.text(1e-9 * roof.flops()), Unit.text(1e-9
                * roof.bandwidth()))).append(HEAD);
        Line total = pass.total();
        pass.lines().forEach(line -> row(out, line, total, roof, pass.lost()));
        row(out, total, total, roof, pass.lost());
    }

    private static void row(StringBuilder out, Line line, Line total, Roof roof, double lostOfAll) {
        double flops = line.entry().flops() / line.seconds();
        double bytes = line.entry().bytes() / line.seconds();
        boolean products = line.entry().flops() > 0;
        boolean moves = line.entry().bytes() > 0;
        out.append(String.format(Locale.ROOT, "| %s | %s | %d | %.2f | %.1f %% | %s | %s | %s | %s | %.2f | %.1f |%n",
                line.entry().name(), line.entry().way(), line.calls(), 1e3 * line.seconds(),
                100 * line.seconds() / total.seconds(), products ? Unit.text(1e-9 * flops) : "",
                products ? Unit.text(flops / roof.flops()) : "", moves ? Unit.text(1e-9 * bytes) : "",
                moves ? Unit.text(bytes / roof.bandwidth()) : "", 1e3 * (line == total ? lostOfAll : line.lost(roof)),
                1e-3 * line.allocated()));
    }
}
