package dev.lorikeet.bench.experiments;

import dev.lorikeet.cli.CommonOptions;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet bench experiment merged-latency}. */
@Command(name = "merged-latency", description = "Measures what an adapter adds to the time of a forward pass, beside "
        + "the weights and merged into them.")
final class MergedLatencyCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--turns", paramLabel = "N", description = "How often each state is measured (default: "
            + "${DEFAULT-VALUE}).", defaultValue = "101")
    private int turns;

    @Option(names = "--sequences", paramLabel = "N", description = "Sequences of 32 tokens in the batch (default: "
            + "${DEFAULT-VALUE}).", defaultValue = "8")
    private int sequences;

    @Option(names = "--json", paramLabel = "FILE", description = "Writes medians and ratios there as JSON.")
    @Nullable
    private Path json;

    @Mixin
    private CommonOptions common = new CommonOptions();

    MergedLatencyCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        requireOne("--turns", turns);
        requireOne("--sequences", sequences);
        MergedLatency latency = new MergedLatency(turns, sequences);
        latency.run();
        terminal.lines(latency.text());
        if (json != null) {
            AtomicFile.write(json, Json.write(latency.json()));
        }
        return 0;
    }

    private static void requireOne(String option, int value) {
        if (value < 1) {
            throw new InputException(option + ": must be at least 1, not " + value);
        }
    }
}
