package dev.lorikeet.bench.experiments;

import dev.lorikeet.cli.CommonOptions;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.task.Columns;
import dev.lorikeet.transformer.io.AtomicFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet bench experiment perplexity-rank}. */
@Command(name = "perplexity-rank", description = {"Trains a language model by LoRA and rsLoRA with ranks from 4 to "
        + "512, and draws perplexity and gradient norm against steps, as the rsLoRA paper does. Each finished run is "
        + "a line in a file, and what is there is not run again.",
    "",
    "Adapters are on the linear layers of --targets: a rank is at most as large as the smaller side of a layer, and "
            + "keys and values of SmolLM2 have 192 rows."},
        sortOptions = false)
final class PerplexityRankCommand implements Runnable {
    private static final String PAGE = """
            # Methods compared

            """;

    private final Terminal terminal;

    @Option(names = "--data", paramLabel = "DIR", description = "Where e2e/valid.txt lies, as docs/data.md has it; "
            + "without it nothing is trained, and table and chart are made.")
    @Nullable
    private Path data;

    @Option(names = "--model", paramLabel = "MODEL", description = "The model (default: ${DEFAULT-VALUE}).",
            defaultValue = "HuggingFaceTB/SmolLM2-135M-Instruct")
    private String model = "";

    @Option(names = "--ranks", paramLabel = "N", split = ",", description = "Ranks (default: ${DEFAULT-VALUE}).",
            defaultValue = "4,8,16,32,64,128,256,512")
    private List<Integer> ranks = List.of();

    @Option(names = "--targets", paramLabel = "NAME", split = ",", description = "Layers (default: "
            + "${DEFAULT-VALUE}).", defaultValue = "q_proj,o_proj,gate_proj,up_proj,down_proj")
    private List<String> targets = List.of();

    @Mixin
    private ExperimentOptions options = new ExperimentOptions();

    @Option(names = "--steps", paramLabel = "N", description = "Steps of 8 examples (default: ${DEFAULT-VALUE}).",
            defaultValue = "400")
    private int steps;

    @Option(names = "--limit", paramLabel = "N", description = "Train with so many examples only, and evaluate as "
            + "many meanings.")
    @Nullable
    private Integer limit;

    @Option(names = "--out", paramLabel = "DIR", description = "Where the runs go, each in a folder of its own "
            + "(default: ${DEFAULT-VALUE}).", defaultValue = "out/perplexity-rank")
    private Path out = Path.of("");

    @Option(names = "--runs", paramLabel = "FILE", description = "Where finished runs are kept; the chart is beside it "
            + "(default: ${DEFAULT-VALUE}).", defaultValue = "bench/results/perplexity-rank.jsonl")
    private Path file = Path.of("");

    @Option(names = "--table", paramLabel = "FILE", description = "The Markdown page with the table; what stands "
            + "around the table is kept (default: ${DEFAULT-VALUE}).", defaultValue = "docs/results.md")
    private Path table = Path.of("");

    @Mixin
    private CommonOptions common = new CommonOptions();

    PerplexityRankCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        List<RankCurve> curves = new ArrayList<>(RankCurve.read(file));
        if (data != null) {
            options.request();
            Map<RankCurve.Key, WantedRun> wanted = wanted(curves, data);
            terminal.line(Format.count(wanted.size(), "run", "runs") + " to go, " + curves.size() + " in " + file);
            wanted.forEach((key, run) -> {
                run.train(terminal);
                curves.add(RankCurve.of(key, run.directory()));
                RankCurve.write(curves, file);
            });
        }
        String markdown = markdown(curves);
        TablePage.put(PAGE, "perplexity-rank", markdown, table);
        terminal.lines(markdown);
        byTask(curves).forEach((task, own) -> {
            Path chart = file.resolveSibling(task + ".svg");
            AtomicFile.write(chart, RankCurvesChart.svg(own));
            terminal.line("Written: " + chart);
        });
        terminal.line("Written: " + table);
    }

    private static Map<String, List<RankCurve>> byTask(List<RankCurve> curves) {
        return curves.stream().collect(Collectors.groupingBy(curve -> curve.key().task(), TreeMap::new,
                Collectors.toList()));
    }

    /** All ranks of both methods with the first seed, then with the next. */
    private Map<RankCurve.Key, WantedRun> wanted(List<RankCurve> before, Path folder) {
        Path train = out.resolve("train.jsonl");
        Path test = out.resolve("test.jsonl");
        Writing.E2E.write(folder, train, test, limit == null ? Integer.MAX_VALUE : limit);
        String task = "perplexity-rank-steps" + steps + (limit == null ? "" : "-limit" + limit);
        Map<RankCurve.Key, WantedRun> wanted = new LinkedHashMap<>();
        for (int seed : options.seeds()) {
            for (int rank : ranks) {
                for (String method : List.of("lora", "rslora")) {
                    String ofModel = String.valueOf(Path.of(model).getFileName());
                    RankCurve.Key key = new RankCurve.Key(task, ofModel, method, rank, seed);
                    if (before.stream().noneMatch(curve -> curve.key().equals(key))) {
                        String name = method + "-r" + rank;
                        wanted.put(key, new WantedRun(out.resolve(task + "-" + ofModel + "-" + name + "-s" + seed),
                                recipe(task, train, test, method, rank, seed), Path.of(name)));
                    }
                }
            }
        }
        return wanted;
    }

    /** Clipped at what no norm reaches: the norms are what is measured, and known where something may be clipped. */
    private Recipe recipe(String task, Path train, Path test, String method, int rank, int seed) {
        Map<String, Object> all = new LinkedHashMap<>(Map.of("name", task, "model", model, "task", "causal",
                "data.train", train.toString(), "data.test", test.toString(), "data.text-column", "prompt",
                "data.label-column", "completion"));
        all.putAll(Map.of("method.name", method, "method.rank", rank, "method.targets", targets, "training.seed", seed,
                "training.epochs", 1, "training.batch-size", 8, "training.max-steps", steps, "training.clip-norm",
                1e9));
        if (limit != null) {
            all.put("training.limit", limit);
        }
        all.putAll(options.settings());
        return Columns.settle(RecipeFile.read(null, all));
    }

    /** The last tenth of the steps, in the mean of the seeds. */
    private static String markdown(List<RankCurve> curves) {
        StringBuilder rows = new StringBuilder("""
                | task | model | method | rank | seeds | perplexity | gradient norm |
                |---|---|---|---:|---:|---:|---:|
                """);
        Map<RankCurve.Key, List<RankCurve>> groups = curves.stream().collect(Collectors.groupingBy(
                curve -> new RankCurve.Key(curve.key().task(), curve.key().model(), curve.key().method(),
                        curve.key().rank(), 0),
                LinkedHashMap::new, Collectors.toList()));
        groups.forEach((key,
                own) -> rows.append(String.format(Locale.ROOT, "| %s | %s | %s | %d | %d | %.3f | %.3g |%n",
                        key.task(), key.model(), key.method(), key.rank(), own.size(),
                        own.stream().mapToDouble(RankCurve::perplexity).average().orElseThrow(),
                        own.stream().mapToDouble(RankCurve::norm).average().orElseThrow())));
        return rows.toString();
    }
}
