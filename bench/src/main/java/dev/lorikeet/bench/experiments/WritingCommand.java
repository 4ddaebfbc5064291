package dev.lorikeet.bench.experiments;

import dev.lorikeet.cli.CommonOptions;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.task.Columns;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet bench experiment e2e} and {@code geography}. */
@Command(description = "Fine-tunes a language model by LoRA of rank 4 on queries and values, and by all weights, with "
        + "every seed; has it answer the test examples, and scores what it writes. Each finished run is a line in a "
        + "file, and what is there is not run again, so that all of it may be stopped at any time and taken up later.",
        sortOptions = false)
final class WritingCommand implements Runnable {
    private static final String PAGE = """
            # Methods compared

            """;
    private static final Map<String, Map<String, Object>> METHODS = new LinkedHashMap<>();

    static {
        METHODS.put("lora-r4", Map.of("method.name", "lora", "method.rank", 4, "method.alpha", 32, "method.targets",
                List.of("q_proj", "v_proj"), "training.adapter-rate", 2e-3));
        METHODS.put("full", Map.of("method.name", "full", "training.adapter-rate", 1e-4, "training.head-rate", 1e-4));
    }

    private final Terminal terminal;
    private final Writing writing;

    @Option(names = "--data", paramLabel = "DIR", description = "Where the sets lie, as docs/data.md has them; without "
            + "it nothing is trained, and the table is made.")
    @Nullable
    private Path data;

    @Option(names = "--model", paramLabel = "MODEL", description = "The model (default: ${DEFAULT-VALUE}).",
            defaultValue = "HuggingFaceTB/SmolLM2-135M-Instruct")
    private String model = "";

    @Option(names = "--methods", paramLabel = "NAME", split = ",", description = "lora-r4, full or both (default: "
            + "${DEFAULT-VALUE}).", defaultValue = "lora-r4,full")
    private List<String> methods = List.of();

    @Mixin
    private ExperimentOptions options = new ExperimentOptions();

    @Option(names = "--epochs", paramLabel = "N", description = "Epochs (default: ${DEFAULT-VALUE}).",
            defaultValue = "3")
    private int epochs;

    @Option(names = "--limit", paramLabel = "N", description = "Train with so many examples, and answer so many "
            + "prompts: what a laptop can do. Such runs are told apart by their task's name.")
    @Nullable
    private Integer limit;

    @Option(names = "--steps", paramLabel = "N", description = "Train for so many steps; told apart likewise.")
    @Nullable
    private Integer steps;

    @Option(names = "--out", paramLabel = "DIR", description = "Where the runs go, each in a folder of its own "
            + "(default: ${DEFAULT-VALUE}).", defaultValue = "out/writing")
    private Path out = Path.of("");

    @Option(names = "--runs", paramLabel = "FILE", description = "Where finished runs are kept, a line of JSON each "
            + "(default: the experiment's name with .jsonl in bench/results).")
    @Nullable
    private Path file;

    @Option(names = "--table", paramLabel = "FILE", description = "The Markdown page with the table; what stands "
            + "around the table is kept (default: ${DEFAULT-VALUE}).", defaultValue = "docs/results.md")
    private Path table = Path.of("");

    @Mixin
    private CommonOptions common = new CommonOptions();

    WritingCommand(Terminal terminal, Writing writing) {
        this.terminal = terminal;
        this.writing = writing;
    }

    @Override
    public void run() {
        Path kept = file == null ? Path.of("bench/results", writing.title() + ".jsonl") : file;
        TaskRuns runs = TaskRuns.read(kept);
        if (data != null) {
            options.request();
            runs = runs.with(wanted(runs, data), kept, terminal);
        }
        String markdown = new WritingTable(writing, runs).markdown();
        TablePage.put(PAGE, writing.title(), markdown, table);
        terminal.lines(markdown);
        terminal.line("Written: " + table);
    }

    /** All methods with the first seed, then all with the next: a table that is cut short compares all the same. */
    private List<WantedRun> wanted(TaskRuns before, Path folder) {
        Path examples = out.resolve(writing.title());
        Path train = examples.resolve("train.jsonl");
        Path test = examples.resolve("test.jsonl");
        writing.write(folder, train, test, limit == null ? Integer.MAX_VALUE : limit);
        List<WantedRun> wanted = new ArrayList<>();
        for (int seed : options.seeds()) {
            for (String method : methods) {
                Map<String, Object> own = METHODS.get(method);
                if (own == null) {
                    throw new InputException("--methods: \"" + method + "\" is not one of "
                            + Shown.names(METHODS.keySet()));
                }
                String ofModel = String.valueOf(Path.of(model).getFileName());
                if (!before.has(new TaskRun.Key(task(), ofModel, method, seed, TaskRun.OURS))) {
                    wanted.add(new WantedRun(examples.resolve(task() + "-" + ofModel + "-" + method + "-s" + seed),
                            recipe(train, test, own, seed), Path.of(method)));
                }
            }
        }
        return wanted;
    }

    /** A run on less is another task. */
    private String task() {
        return writing.title() + (limit == null ? "" : "-limit" + limit) + (steps == null ? "" : "-steps" + steps);
    }

    private Recipe recipe(Path train, Path test, Map<String, Object> method, int seed) {
        Map<String, Object> all = new LinkedHashMap<>(writing.settings());
        all.putAll(method);
        all.putAll(Map.of("name", task(), "model", model, "task", "causal", "data.train", train.toString(), "data.test",
                test.toString(), "data.text-column", "prompt", "data.label-column", "completion"));
        all.putAll(Map.of("training.seed", seed, "training.epochs", epochs, "training.batch-size", 8,
                "generation.examples", limit == null ? Integer.MAX_VALUE : limit));
        if (limit != null) {
            all.put("training.limit", limit);
        }
        if (steps != null) {
            all.put("training.max-steps", steps);
        }
        all.putAll(options.settings());
        return Columns.settle(RecipeFile.read(null, all));
    }
}
