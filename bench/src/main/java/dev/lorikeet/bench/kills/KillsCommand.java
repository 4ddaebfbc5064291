package dev.lorikeet.bench.kills;

import dev.lorikeet.cli.CommonOptions;
import dev.lorikeet.cli.Main;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet bench kills}: kills runs of all methods and most tasks, goes on, and compares their ends. */
@Command(name = "lorikeet bench kills", sortOptions = false, description = "Kills small runs of all methods and most "
        + "tasks at random moments, lets them go on, and compares what they end with with a run that nobody disturbed.")
public final class KillsCommand implements Callable<Integer> {
    /** Of one run at most; then it may come to its end. */
    private static final int KILLS_OF_A_RUN = 5;

    private final Terminal terminal;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "200", description = "How many kills (default: "
            + "${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Of the moments and the signals "
            + "(default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--only", paramLabel = "PATTERN", description = "Runs with this regular expression in task and "
            + "flags, for example adalora.")
    @Nullable
    private Pattern only;

    @Option(names = "--out", paramLabel = "DIR", defaultValue = "out/kills", description = "Where the runs and "
            + "kills.md go (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("");

    @Mixin
    private CommonOptions common = new CommonOptions();

    KillsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    public static void main(String[] arguments) {
        System.exit(run(Terminal.system(), arguments));
    }

    /** Runs it and returns the exit status: 0, 1 where something was lost, 2 where the input was wrong. */
    static int run(Terminal terminal, String... arguments) {
        return Main.execute(new CommandLine(new KillsCommand(terminal)), terminal,
                arguments.length == 0 ? new String[] {"--runs=200"} : arguments); // without any, it would show its help
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (runs < 1) {
            throw new InputException("--runs: must be at least 1, not " + runs);
        }
        List<Series> all = series();
        for (Series series : all) {
            series.whole();
        }
        Path table = out.resolve("kills.md");
        for (int i = 0; kills(all) < runs; i++) {
            Series series = all.get(i % all.size());
            series.kill(Math.min(KILLS_OF_A_RUN, runs - kills(all)));
            terminal.line(Format.count(kills(all)) + " of " + Format.count(runs) + " kills   " + series.variant().name()
                    + "   " + (series.faults().isEmpty() ? "the same" : series.faults().getLast()));
            AtomicFile.write(table, KillsTable.markdown(all, "./lorikeet bench kills --runs " + runs + " --seed "
                    + seed + (only == null ? "" : " --only '" + only + "'")));
        }
        terminal.line("Written: " + table);
        return all.stream().allMatch(series -> series.faults().isEmpty()) ? 0 : 1;
    }

    /** Each in a folder of its own, which must be new: what is there already might be somebody's. */
    private List<Series> series() {
        List<Series> all = new ArrayList<>();
        for (Variant variant : Variant.ALL) {
            if (only == null || only.matcher(variant.name()).find()) {
                Path directory = out.toAbsolutePath().resolve(Integer.toString(all.size()));
                if (Files.exists(directory)) {
                    throw new InputException(directory, "--out", "is there already: another folder is expected");
                }
                try {
                    Files.createDirectories(directory);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                SmallTasks.write(directory);
                all.add(new Series(variant, directory, seed + all.size()));
            }
        }
        if (all.isEmpty()) {
            throw new InputException("--only: no run has '" + only + "' in task and flags");
        }
        return all;
    }

    private static int kills(List<Series> all) {
        return all.stream().mapToInt(Series::allKills).sum();
    }
}
