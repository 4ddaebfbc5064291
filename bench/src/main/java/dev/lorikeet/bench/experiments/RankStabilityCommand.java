package dev.lorikeet.bench.experiments;

import dev.lorikeet.cli.CommonOptions;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet bench experiment rank-stability}. */
@Command(name = "rank-stability", description = "Measures how an adapter's output and gradients change with its rank, "
        + "4 to 2048, under the scalings alpha/r "
        + "of LoRA and alpha/√r of rsLoRA, and fails where that is not as the rsLoRA paper's theorem says.")
final class RankStabilityCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--out", paramLabel = "DIR", description = "Where rank-stability.svg goes (default: "
            + "${DEFAULT-VALUE}).", defaultValue = "out/bench")
    private Path directory = Path.of("");

    @Option(names = "--json", paramLabel = "FILE", description = "Writes slopes and rows there as JSON.")
    @Nullable
    private Path json;

    @Mixin
    private CommonOptions common = new CommonOptions();

    RankStabilityCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        StabilityResult result = StabilityResult.measure();
        terminal.lines(result.text());
        if (json != null) {
            AtomicFile.write(json, Json.write(result.json()));
        }
        Path chart = directory.resolve("rank-stability.svg");
        AtomicFile.write(chart, StabilityChart.svg(result));
        terminal.line("Written: " + chart + (json == null ? "" : ", " + json));
        List<String> problems = result.problems();
        problems.forEach(problem -> terminal.fault(problem));
        return problems.isEmpty() ? 0 : 1;
    }
}
