package dev.lorikeet.bench.roofline;

import dev.lorikeet.bench.peers.Machine;
import dev.lorikeet.bench.peers.Work;
import dev.lorikeet.cli.CommonOptions;
import dev.lorikeet.cli.Main;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet bench roofline}. */
@Command(name = "lorikeet bench roofline", sortOptions = false,
        description = "Takes MiniLM's forward pass and steps of "
                + "training apart by operation: time, share of the FMA peak and of the bandwidth, objects.")
public final class RooflineCommand implements Callable<Integer> {
    private static final List<Work.Encoder> PASSES = List.of(new Work.Encoder(Work.Pass.FORWARD, false),
            new Work.Encoder(Work.Pass.STEP, false), new Work.Encoder(Work.Pass.STEP, true));

    private final Terminal terminal;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "1", description = "Threads (default: "
            + "${DEFAULT-VALUE}).")
    private int threads;

    @Option(names = "--runs", paramLabel = "N", defaultValue = "30", description = "Of which the medians are taken "
            + "(default: ${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--out", paramLabel = "DIR", defaultValue = "out/roofline", description = "Where roofline.md and "
            + "roofline.svg go (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("");

    @Mixin
    private CommonOptions common = new CommonOptions();

    RooflineCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    public static void main(String[] arguments) {
        System.exit(run(Terminal.system(), arguments));
    }

    /** Runs it and returns the exit status. */
    static int run(Terminal terminal, String... arguments) {
        return Main.execute(new CommandLine(new RooflineCommand(terminal)), terminal,
                arguments.length == 0 ? new String[] {"--threads=1"} : arguments); // none would show its help
    }

    @Override
    public Integer call() {
        requireOne("--threads", threads);
        requireOne("--runs", runs);
        Machine machine = Machine.current();
        Map<String, Roofline.Timed> timed = new LinkedHashMap<>();
        for (Work.Encoder work : PASSES) {
            terminal.line(work.name() + " ...");
            timed.put(work.name(), Roofline.time(work, threads, runs));
        }
        Map<String, Roofline> passes = new LinkedHashMap<>();
        timed.forEach((name, pass) -> passes.put(name, pass.byOperation()));
        String page = RooflinePage.markdown(machine, threads, runs, passes);
        AtomicFile.write(out.resolve("roofline.md"), page);
        AtomicFile.write(out.resolve("roofline.svg"), RooflineChart.svg(passes));
        terminal.lines(page);
        terminal.line("Written: " + out.resolve("roofline.md") + ", " + out.resolve("roofline.svg"));
        return 0;
    }

    private static void requireOne(String option, int value) {
        if (value < 1) {
            throw new InputException(option + ": must be at least 1, not " + value);
        }
    }
}
