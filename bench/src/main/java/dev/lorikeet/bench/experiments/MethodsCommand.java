package dev.lorikeet.bench.experiments;

import dev.lorikeet.cli.CommonOptions;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.SavedRun;
import dev.lorikeet.cli.task.Columns;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.Shown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet bench experiment methods}. */
@Command(name = "methods", description = "Fine-tunes by every method, with every seed, and writes a table. A run that "
        + "is finished is not run again, so that all of it may be stopped at any time and taken up later.",
        sortOptions = false)
final class MethodsCommand implements Runnable {
    /** What runs are called, and how each recipe differs. */
    static final Map<String, Map<String, Object>> VARIANTS = new LinkedHashMap<>();

    static {
        for (String method : List.of("lora", "rslora")) {
            for (int rank : new int[] {8, 64}) {
                VARIANTS.put(method + "-r" + rank, Map.of("method.name", method, "method.rank", rank));
            }
        }
        VARIANTS.put("adalora", Map.of("method.name", "adalora"));
        VARIANTS.put("autolora", Map.of("method.name", "autolora"));
        VARIANTS.put("full", Map.of("method.name", "full"));
    }

    private static final String PAGE = """
            # Methods compared

            Every method fine-tunes the same model on the same task with the same examples in the same order; what
            differs is what of the encoder is trained. LoRA and rsLoRA put adapters of the rank given on every linear
            layer and freeze the rest. AdaLoRA begins with more and drops the terms that matter least while it trains;
            AutoLoRA searches for each layer's rank on two halves of the training examples, then trains anew on all of
            them, and its time is that of both. Full fine-tuning trains every weight. All train the classifier's head,
            too. Each accuracy is that on the test examples after the last epoch, with no choice among epochs; ranks
            that were found stand as their mean.

            `./lorikeet bench experiment methods` makes the table; `--help` says how. What stands outside of it is kept.

            """;

    private final Terminal terminal;

    @Option(names = "--out", paramLabel = "DIR", description = "Where the runs go, each in a folder of its own "
            + "(default: ${DEFAULT-VALUE}).", defaultValue = "out/methods")
    private Path out = Path.of("");

    @Option(names = "--only", paramLabel = "PATTERN", description = "Methods with this regular expression in their "
            + "name; there are lora-r8, lora-r64, rslora-r8, rslora-r64, adalora, autolora and full.")
    @Nullable
    private Pattern only;

    @Mixin
    private ExperimentOptions options = new ExperimentOptions();

    @Option(names = "--recipe", paramLabel = "FILE", description = "The recipe, whose method is replaced (default: "
            + "the built-in one).")
    @Nullable
    private Path recipe;

    @Option(names = "--read", paramLabel = "DIR", arity = "1..*", description = "Train nothing: make the table from "
            + "the finished runs that are these folders, or lie in them.")
    private List<Path> read = List.of();

    @Option(names = "--table", paramLabel = "FILE", description = "The Markdown page with the table; what stands "
            + "around the table is kept (default: methods.md in --out).")
    @Nullable
    private Path table;

    @Option(names = "--json", paramLabel = "FILE", description = "The same as JSON (default: methods.json in --out).")
    @Nullable
    private Path json;

    @Mixin
    private CommonOptions common = new CommonOptions();

    MethodsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        if (!read.isEmpty()) {
            List<SavedRun> runs = SavedRun.below(read).stream().filter(run -> only == null
                    || only.matcher(String.valueOf(run.directory().getFileName())).find()).toList();
            if (runs.isEmpty()) {
                throw new InputException("--read: there is no finished run in "
                        + Shown.names(read.stream().map(Path::toString).toList()));
            }
            write(runs);
            return;
        }
        options.request();
        List<WantedRun> wanted = wanted();
        terminal.line(Format.count(wanted.size(), "run", "runs") + ", " + finished(wanted).size()
                + " finished before");
        for (WantedRun run : wanted) {
            if (run.train(terminal)) {
                write(finished(wanted));
            }
        }
        write(finished(wanted));
    }

    /** All methods with the first seed, then all with the next: a table that is cut short compares all the same. */
    private List<WantedRun> wanted() {
        Recipe base = Columns.settle(recipe == null ? RecipeFile.builtIn() : RecipeFile.read(recipe));
        List<WantedRun> wanted = new ArrayList<>();
        for (int seed : options.seeds()) {
            VARIANTS.forEach((name, changes) -> {
                if (only == null || only.matcher(name).find()) {
                    Map<String, Object> all = new LinkedHashMap<>(changes);
                    all.put("training.seed", seed);
                    all.putAll(options.settings());
                    wanted.add(new WantedRun(out.resolve(name + "-s" + seed), RecipeFile.with(base, all),
                            recipe == null ? Path.of(base.name()) : recipe));
                }
            });
        }
        if (wanted.isEmpty()) {
            throw new InputException("--only: no method has '" + only + "' in its name, there are "
                    + String.join(", ", VARIANTS.keySet()));
        }
        return wanted;
    }

    private static List<SavedRun> finished(List<WantedRun> wanted) {
        return wanted.stream().flatMap(run -> run.finished().stream()).toList();
    }

    private void write(List<SavedRun> runs) {
        MethodsTable result = new MethodsTable(runs);
        Path page = table == null ? out.resolve("methods.md") : table;
        Path data = json == null ? out.resolve("methods.json") : json;
        TablePage.put(PAGE, "methods", result.markdown(), page);
        AtomicFile.write(data, Json.write(result.json()));
        terminal.line();
        terminal.lines(result.markdown());
        terminal.line("Written: " + page + ", " + data);
    }
}
