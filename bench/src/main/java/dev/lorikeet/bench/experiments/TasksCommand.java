package dev.lorikeet.bench.experiments;

import dev.lorikeet.cli.CommonOptions;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.task.Columns;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet bench experiment tasks}. */
@Command(name = "tasks", description = "Fine-tunes on every task of bench/tasks, by LoRA, rsLoRA and all weights, with "
        + "every seed; adds each finished run to a file, and makes a table of that. What is in the file is not run "
        + "again, so that all of it may be stopped at any time and taken up later.", sortOptions = false)
final class TasksCommand implements Runnable {
    private static final String PAGE = """
            # Tasks compared

            Each task of `bench/tasks` with its own default: 3 epochs, batches of 32, gradients clipped to 1, rates of
            1e-3 for adapters of rank 8 with α = 16 and of 1e-4 for all weights, 3e-3 for the head, linear with a tenth
            of warm-up. Nothing was tuned for one of the tasks or methods, and nothing chosen by the test examples: each
            number is that of the model after the last epoch. *Frozen* is the best of what needs no training of the
            encoder: a linear probe, the encoder as it was (embeddings), or the largest class.

            """;
    private static final List<String> METHODS = List.of("lora-r8", "rslora-r8", "full");

    private final Terminal terminal;

    @Option(names = "--data", paramLabel = "DIR", description = "Where the recipes' files lie, as docs/data.md has "
            + "them; without it nothing is trained, and the table is made.")
    @Nullable
    private Path data;

    @Option(names = "--recipes", paramLabel = "DIR", description = "Where the recipes are (default: "
            + "${DEFAULT-VALUE}).", defaultValue = "bench/tasks")
    private Path recipes = Path.of("");

    @Option(names = "--models", paramLabel = "MODEL", split = ",", description = "With commas between (default: "
            + "${DEFAULT-VALUE}).", defaultValue = "all-MiniLM-L6-v2,bge-small-en-v1.5")
    private List<String> models = List.of();

    @Option(names = "--only", paramLabel = "PATTERN", description = "Runs with this regular expression in their name, "
            + "which is MODEL/TASK/METHOD; methods are lora-r8, rslora-r8 and full.")
    @Nullable
    private Pattern only;

    @Mixin
    private ExperimentOptions options = new ExperimentOptions();

    @Option(names = "--out", paramLabel = "DIR", description = "Where the runs go, each in a folder of its own "
            + "(default: ${DEFAULT-VALUE}).", defaultValue = "out/tasks")
    private Path out = Path.of("");

    @Option(names = "--runs", paramLabel = "FILE", description = "Where finished runs are kept, a line of JSON each "
            + "(default: ${DEFAULT-VALUE}).", defaultValue = "bench/results/tasks.jsonl")
    private Path file = Path.of("");

    @Option(names = "--table", paramLabel = "FILE", description = "The Markdown page with the table; what stands "
            + "around the table is kept (default: ${DEFAULT-VALUE}).", defaultValue = "bench/results/tasks.md")
    private Path table = Path.of("");

    @Mixin
    private CommonOptions common = new CommonOptions();

    TasksCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        TaskRuns runs = TaskRuns.read(file);
        if (data != null) {
            options.request();
            runs = runs.with(wanted(runs, data), file, terminal);
        }
        String markdown = new TasksTable(runs).markdown();
        TablePage.put(PAGE, "tasks", markdown, table);
        terminal.lines(markdown);
        terminal.line("Written: " + table);
    }

    /** All with the first seed, then all with the next: a table that is cut short compares all the same. */
    private List<WantedRun> wanted(TaskRuns before, Path folder) {
        List<WantedRun> wanted = new ArrayList<>();
        for (String model : models) {
            for (int seed : options.seeds()) {
                for (Path path : recipes()) {
                    for (String method : METHODS) {
                        String task = String.valueOf(path.getFileName()).replace(".yaml", "");
                        String ofModel = String.valueOf(Path.of(model).getFileName());
                        String name = ofModel + "/" + task + "/" + method;
                        if ((only == null || only.matcher(name).find())
                                && !before.has(new TaskRun.Key(task, ofModel, method, seed, TaskRun.OURS))) {
                            wanted.add(new WantedRun(out.resolve(name + "-s" + seed),
                                    recipe(path, folder, model, method, seed), Path.of(method)));
                        }
                    }
                }
            }
        }
        return wanted;
    }

    private Recipe recipe(Path path, Path folder, String model, String method, int seed) {
        Map<String, Object> changes = new LinkedHashMap<>(Objects.requireNonNull(MethodsCommand.VARIANTS.get(method)));
        changes.put("model", model);
        changes.put("training.seed", seed);
        changes.putAll(options.settings());
        Recipe recipe = RecipeFile.read(path);
        if (!(recipe.data() instanceof Recipe.Files files)) {
            throw new InputException(path, "data", "must be files");
        }
        Path place = Objects.requireNonNull(path.toAbsolutePath().normalize().getParent()); // the folder of recipes
        changes.put("data.train", within(folder, place, files.train()));
        changes.put("data.test", within(folder, place, files.test()));
        return Columns.settle(RecipeFile.with(recipe, changes));
    }

    private static List<String> within(Path folder, Path place, List<Path> files) {
        return files.stream().map(file -> folder.resolve(place.relativize(file)).toString()).toList();
    }

    private List<Path> recipes() {
        try (Stream<Path> files = Files.list(recipes)) {
            List<Path> found = files.filter(each -> each.toString().endsWith(".yaml")).sorted().toList();
            if (found.isEmpty()) {
                throw new InputException(recipes, "--recipes", "there is no .yaml file");
            }
            return found;
        } catch (IOException e) {
            throw new InputException(recipes, "--recipes", "cannot be read: " + e);
        }
    }
}
