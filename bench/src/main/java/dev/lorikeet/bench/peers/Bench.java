package dev.lorikeet.bench.peers;

import dev.lorikeet.bench.Unit;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lorikeet bench peers}. What {@code --help} says is in the launcher, which says it without a download. */
@Command(name = "lorikeet bench peers", description = "Measures Lorikeet beside native engines, in turns.")
public final class Bench implements Callable<Integer> {
    private static final long QUICK_SECONDS = 195;

    /** Where native libraries are unpacked; the launcher says. */
    private static final String NATIVES = System.getProperty("lorikeet.bench.natives",
            System.getProperty("java.io.tmpdir", "/tmp") + "/lorikeet-bench");

    private final Collection<String> peers;
    private final List<String> processes;
    private final PrintStream terminal = System.out;

    @Option(names = "--quick", description = "Fewer rows and rounds: ends within four minutes.")
    private boolean quick;

    @Option(names = "--only", paramLabel = "PATTERN", description = "Rows with this regular expression in work, shape "
            + "and form, for example matmul or exp|tanh.")
    @Nullable
    private Pattern only;

    @Option(names = "--out", paramLabel = "DIR", description = "Where peers.md and peers.svg go (default: "
            + "${DEFAULT-VALUE}).", defaultValue = "out/bench")
    private Path directory = Path.of("");

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the results there as JSON.")
    @Nullable
    private Path json;

    @Option(names = "--tokenizers", paramLabel = "FILES", split = ",", description = "Rows of these tokenizer.json in "
            + "place of all others, each with each of --texts.")
    private List<Path> tokenizers = List.of();

    @Option(names = "--texts", paramLabel = "FILES", split = ",", description = "What they read, in UTF-8.")
    private List<Path> texts = List.of();

    private Bench(Collection<String> peers, List<String> processes) {
        this.peers = peers;
        this.processes = processes;
    }

    /**
     * Runs the command.
     *
     * @param peers names of the native engines
     * @param main a class whose main method serves the engine that follows {@code option}, see {@link Host}
     * @return the exit status
     */
    public static int run(Collection<String> peers, String main, String option, String... arguments) {
        List<String> processes = List.of(System.getProperty("java.home") + "/bin/java", "--add-modules",
                "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "-Xmx2g", "-Dai.djl.offline=true", "-DDJL_CACHE_DIR=" + NATIVES + "/djl",
                "-Dorg.bytedeco.javacpp.cachedir=" + NATIVES + "/javacpp", main, option);
        return new CommandLine(new Bench(peers, processes)).execute(arguments);
    }

    @Override
    public Integer call() throws IOException {
        Rounds rounds = quick ? Rounds.quick(QUICK_SECONDS) : Rounds.full();
        List<Row> rows = tokenizers.isEmpty() ? Rows.choose(quick, only) : Rows.tokens(tokenizers, texts);
        if (rows.isEmpty()) {
            terminal.println("lorikeet: no row has '" + only + "' in work, shape and form");
            return 2;
        }
        Machine machine = Machine.current();
        List<String> problems = new ArrayList<>();
        Map<String, String> kernels = new LinkedHashMap<>();
        List<Engine> engines = start(kernels, problems);
        List<Result> results;
        try {
            results = measure(rows, rounds, engines, problems);
        } finally {
            engines.forEach(Engine::close);
        }
        write(new Report(machine, kernels, results, problems));
        return 0;
    }

    /** Those that work here; what they say of their kernels goes into {@code kernels}. */
    private List<Engine> start(Map<String, String> kernels, List<String> problems) throws IOException {
        Files.createDirectories(directory);
        Files.createDirectories(Path.of(NATIVES));
        List<Engine> candidates = new ArrayList<>(List.of(new Lorikeet()));
        for (String peer : peers) {
            if (peer.equals(Work.Tokens.ENGINE) == tokenizers.isEmpty()) {
                continue;
            }
            List<String> command = new ArrayList<>(processes);
            command.add(peer);
            candidates.add(new Remote(peer, command, directory.resolve("peers.log")));
        }
        candidates.add(new Limits(Limits.PEAK));
        candidates.add(new Limits(Limits.READ));
        List<Engine> engines = new ArrayList<>();
        for (Engine engine : candidates) {
            try {
                kernels.put(engine.name(), engine.kernel());
                terminal.println(engine.name() + ": " + kernels.get(engine.name()));
                engines.add(engine);
            } catch (EngineException e) {
                problems.add(String.valueOf(e.getMessage()));
                terminal.println(e.getMessage());
                engine.close();
            }
        }
        return engines;
    }

    private List<Result> measure(List<Row> rows, Rounds rounds, List<Engine> engines, List<String> problems) {
        int all = Runtime.getRuntime().availableProcessors();
        List<Result> results = new ArrayList<>();
        for (Row row : rows) {
            @Nullable
            Result one = null;
            for (int threads : all == 1 || row.work() instanceof Work.Tokens ? List.of(1) : List.of(1, all)) {
                if (rounds.isOver()) {
                    problems.add(row.work().name() + ", " + Format.count(threads, "thread", "threads")
                            + ": no time left in this short run");
                    continue;
                }
                Rounds.Measured measured = rounds.measure(engines, row.work(), threads, problems::add);
                Result result = Result.of(row, threads, values(row, measured.nanos()), measured.quiet(),
                        measured.samples());
                show(results, result);
                if (one == null) {
                    one = result;
                } else if (row.work() instanceof Work.Encoder encoder && encoder.pass() == Work.Pass.STEP) {
                    show(results, Result.speedUp(one, result));
                }
            }
        }
        return results;
    }

    private static Map<String, Double> values(Row row, Map<String, Double> nanoseconds) {
        Map<String, Double> values = new LinkedHashMap<>();
        nanoseconds.forEach((name, time) -> values.put(name, row.work().unit().value(row.work().amount(), time)));
        return values;
    }

    private void show(List<Result> results, Result result) {
        results.add(result);
        StringBuilder line = new StringBuilder("%-28s %-18s %-7s %d  ".formatted(result.work(), result.shape(),
                result.form(), result.threads()));
        result.results().forEach((name, value) -> line.append(name).append(' ').append(Unit.text(value))
                .append("  "));
        terminal.println(line.append(result.unit().label()).append(", ratio ").append(Report.ratio(result.ratio()))
                .append(", quiet ").append(result.quiet()).append(" of ").append(result.samples()));
    }

    private void write(Report report) throws IOException {
        AtomicFile.write(directory.resolve("peers.md"), report.markdown());
        AtomicFile.write(directory.resolve("peers.svg"), Chart.svg(report.results()));
        if (json != null) {
            AtomicFile.write(json, Json.write(report.results().stream().map(Result::toMap).toList()));
        }
        terminal.println("Written: " + directory.resolve("peers.md") + ", " + directory.resolve("peers.svg")
                + (json == null ? "" : ", " + json));
    }
}
