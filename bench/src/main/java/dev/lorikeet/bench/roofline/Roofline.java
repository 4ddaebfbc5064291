package dev.lorikeet.bench.roofline;

import dev.lorikeet.bench.Median;
import dev.lorikeet.bench.peers.Limits;
import dev.lorikeet.bench.peers.Task;
import dev.lorikeet.bench.peers.Work;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.kernel.KernelChoice;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A pass by operation, after the roofline model of Williams et al. 2009: for each the time that it takes, and the time
 * that its flops and bytes need on this machine.
 *
 * @param seconds of the whole pass, the median over the runs
 * @param lines the longest first
 */
record Roofline(Roof roof, double seconds, List<Line> lines) {
    private static final int WARM_UP = 40;
    /** Of the FMA peak; some milliseconds. */
    private static final Work.Product PEAK = new Work.Product(Work.Form.NN, 512, 1536, 384);
    /** 256 MB. */
    private static final Work.Product READ = new Work.Product(Work.Form.PACKED, 1, 32_768, 2048);

    Roofline {
        lines = List.copyOf(lines);
    }

    /**
     * Times a pass. What it consists of is counted later, since C2's code is worse where there are other kernels, too.
     *
     * @param runs at least 1
     */
    static Timed time(Work.Encoder work, int threads, int runs) {
        Pass pass = Pass.of(work);
        Compute compute = new Cpu(KernelChoice.made().kernels(), new Workers(threads));
        Workspace workspace = new Workspace();
        Stopwatch watch = new Stopwatch(WARM_UP);
        for (int i = 0; i < WARM_UP; i++) {
            watch.nextRun();
            pass.run(compute, workspace, watch);
        }
        watch = new Stopwatch(runs);
        double[] seconds = new double[runs];
        double[] flops = new double[runs];
        double[] bandwidth = new double[runs];
        try (Task peak = limit(Limits.PEAK, PEAK, threads); Task read = limit(Limits.READ, READ, threads)) {
            peak.time(WARM_UP);
            read.time(2);
            for (int i = 0; i < runs; i++) {
                peak.time(2); // its threads wake, and those of the pass go to sleep
                flops[i] = 1e9 * PEAK.amount() / peak.time(1);
                bandwidth[i] = 1e9 * READ.amount() / read.time(1);
                watch.nextRun();
                long start = System.nanoTime();
                pass.run(compute, workspace, watch);
                seconds[i] = 1e-9 * (System.nanoTime() - start);
            }
        }
        return new Timed(work, new Roof(Median.of(flops), Median.of(bandwidth)), Median.of(seconds), watch);
    }

    /** A pass with the times of its operations. */
    record Timed(Work.Encoder work, Roof roof, double seconds, Stopwatch watch) {
        /** Counts, and puts operations of one kind together. */
        Roofline byOperation() {
            Counter counter = new Counter(KernelChoice.made().kernels());
            Inventory inventory = new Inventory(counter);
            Pass.of(work).run(new Cpu(counter.kernels(), new Workers(1)), new Workspace(), inventory);
            List<Entry> entries = inventory.entries();
            if (entries.size() != watch.operations()) {
                throw new IllegalStateException(entries.size() + " operations, not " + watch.operations());
            }
            Map<String, Line> lines = new LinkedHashMap<>();
            for (int i = 0; i < entries.size(); i++) {
                Entry entry = entries.get(i);
                lines.merge(entry.name() + "/" + entry.way(),
                        new Line(entry, 1, watch.seconds(i), watch.allocated(i)), Line::plus);
            }
            return new Roofline(roof, seconds,
                    lines.values().stream().sorted(Comparator.comparingDouble(Line::seconds).reversed()).toList());
        }
    }

    private static Task limit(String name, Work.Product work, int threads) {
        return Objects.requireNonNull(new Limits(name).prepare(work, threads));
    }

    /** All operations together. */
    Line total() {
        return lines.stream().map(line -> new Line(new Entry("all", "", line.entry().flops(), line.entry().bytes()),
                line.calls(), line.seconds(), line.allocated())).reduce(Line::plus).orElseThrow();
    }

    /** The seconds that all operations lose. */
    double lost() {
        return lines.stream().mapToDouble(line -> line.lost(roof)).sum();
    }
}
