package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.FineTuning;
import dev.lorikeet.cli.run.Narrator;
import dev.lorikeet.cli.run.RunDirectory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet finetune}. */
@Command(name = "finetune", description = {"Fine-tunes a model on labelled texts.", "",
    "Without flags it runs the built-in recipe supersense: all-MiniLM-L6-v2 learns by rsLoRA to tell from a WordNet "
            + "definition which of 24 kinds of thing is defined. Flags change single values of the recipe."}, abbreviateSynopsis = true, footer = {
                "  lorikeet finetune",
                "  lorikeet finetune --limit 640 --epochs 1 --out out/try",
                "  lorikeet finetune --method lora --rank 4 --targets query,value",
                "  lorikeet finetune --train train.tsv --test test.tsv --label-column kind",
                "  lorikeet finetune --recipe out/supersense/recipe.yaml --seed 2 --out out/again"})
final class FinetuneCommand implements Runnable {
    private static final Path BUILT_IN = Path.of("supersense");

    private final Terminal terminal;

    @Option(names = "--recipe", paramLabel = "FILE", description = "The recipe, YAML (default: the built-in one).")
    @Nullable
    private Path recipe;

    @Option(names = "--out", paramLabel = "DIR", description = "Where the files go (default: out/ and the recipe's name).")
    @Nullable
    private Path out;

    @Option(names = "--force", description = "Replace the run in DIR once the new one is finished; "
            + "till then the new one is in DIR.new.")
    private boolean force;

    @Option(names = "--model", paramLabel = "MODEL", description = "A Hugging Face directory, or the name of a built-in model.")
    @Nullable
    private String model;

    @Option(names = "--train", paramLabel = "FILE", description = "Texts to train with: TSV, CSV or JSONL, also as .gz; "
            + "needs --test.")
    @Nullable
    private Path train;

    @Option(names = "--test", paramLabel = "FILE", description = "Texts to test with, of the same kind.")
    @Nullable
    private Path test;

    @Option(names = "--text-column", paramLabel = "NAME", description = "The texts' column (default: text); without a header "
            + "its number.")
    @Nullable
    private String textColumn;

    @Option(names = "--label-column", paramLabel = "NAME", description = "The labels' column (default: label).")
    @Nullable
    private String labelColumn;

    @Option(names = "--no-header", description = "The files have no header: columns are numbers from 1 on.")
    private boolean noHeader;

    @Option(names = "--delimiter", paramLabel = "C", description = "What stands between fields "
            + "(default: a tab in .tsv, a comma in .csv).")
    @Nullable
    private String delimiter;

    @Option(names = "--method", paramLabel = "METHOD", description = "lora, rslora, adalora, autolora, or full: every weight, without adapters (default: the recipe's).")
    @Nullable
    private String method;

    @Option(names = "--targets", paramLabel = "LAYERS", description = "The layers that get adapters: all-linear, the ends of their paths with commas between, or a regular expression for whole paths.")
    @Nullable
    private String targets;

    @Option(names = "--rank", paramLabel = "N", description = "The adapters' rank; adalora's in the beginning, the highest that autolora may choose.")
    @Nullable
    private Integer rank;

    @Option(names = "--target-rank", paramLabel = "N", description = "The mean rank that adalora ends with.")
    @Nullable
    private Integer targetRank;

    @Option(names = "--alpha", paramLabel = "X", description = "The numerator of the adapters' scaling.")
    @Nullable
    private Double alpha;

    @Option(names = "--epochs", paramLabel = "N", description = "How often every example is seen.")
    @Nullable
    private Integer epochs;

    @Option(names = "--limit", paramLabel = "N", description = "Train with N examples only, of each class its share.")
    @Nullable
    private Integer limit;

    @Option(names = "--seed", paramLabel = "N", description = "Of the initial weights and the order of the examples.")
    @Nullable
    private Integer seed;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private CommonOptions common = new CommonOptions();

    FinetuneCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        Recipe base = recipe == null ? RecipeFile.builtIn() : RecipeFile.read(recipe);
        Map<String, Object> changes = changes();
        if (recipe == null && train != null) {
            // Another task than the built-in one must not take that one's folder.
            changes.put("name", RecipeFile.nameFor(train));
        }
        Recipe resolved = RecipeFile.with(base, changes);
        ComputeOptions.request(resolved.compute());
        Narrator narrator = new Narrator(terminal);
        Path directory = out == null ? Path.of("out", resolved.name()) : out;
        try (RunDirectory files = RunDirectory.open(directory, force, narrator)) {
            new FineTuning(resolved, recipe == null ? BUILT_IN : recipe, files, narrator).run();
        }
    }

    private Map<String, Object> changes() {
        Map<String, Object> changes = new LinkedHashMap<>();
        put(changes, "model", model);
        put(changes, "data.train", train == null ? null : train.toString());
        put(changes, "data.test", test == null ? null : test.toString());
        put(changes, "data.text-column", textColumn);
        put(changes, "data.label-column", labelColumn);
        put(changes, "data.header", noHeader ? false : null);
        put(changes, "data.delimiter", delimiter);
        put(changes, "method.name", method);
        put(changes, "method.targets", targets == null ? null : targets(targets));
        put(changes, "method.rank", rank);
        put(changes, "method.target-rank", targetRank);
        put(changes, "method.alpha", alpha);
        put(changes, "training.epochs", epochs);
        put(changes, "training.limit", limit);
        put(changes, "training.seed", seed);
        put(changes, "compute.threads", compute.threads);
        put(changes, "compute.vector", compute.vector);
        return changes;
    }

    /** Names become a list, as in a recipe; what has other letters is an expression. */
    private static Object targets(String text) {
        return text.matches("[\\w.]+(,[\\w.]+)*") ? List.of(text.split(",")) : text;
    }

    private static void put(Map<String, Object> changes, String key, @Nullable Object value) {
        if (value != null) {
            changes.put(key, value);
        }
    }
}
