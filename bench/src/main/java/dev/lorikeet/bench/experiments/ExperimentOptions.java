package dev.lorikeet.bench.experiments;

import dev.lorikeet.tensor.packed.Cpu;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every experiment that trains is asked. */
final class ExperimentOptions {
    @Option(names = "--seeds", paramLabel = "N", split = ",", description = "Seeds, with commas between (default: "
            + "${DEFAULT-VALUE}).", defaultValue = "1,2,3")
    private List<Integer> seeds = List.of();

    @Option(names = "--threads", paramLabel = "N", description = "Threads that compute (default: one per core).")
    @Nullable
    private Integer threads;

    List<Integer> seeds() {
        return seeds;
    }

    /** Before the first product. */
    void request() {
        if (threads != null) {
            Cpu.requestThreads(threads);
        }
    }

    /** What recipes have of it. */
    Map<String, Object> settings() {
        return threads == null ? Map.of() : Map.of("compute.threads", threads);
    }
}
