package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Metric;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.SavedRun;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lorikeet compare}. */
@Command(name = "compare", description = "Shows runs side by side: how good they are, what they took, and in which "
        + "settings they differ.",
        footer = {"  lorikeet compare out/supersense out/lora4", "  lorikeet compare --json out/*"})
final class CompareCommand implements Runnable {
    private static final String NONE = "holds no run with a finished epoch";

    private final Terminal terminal;

    @Parameters(paramLabel = "RUN", arity = "1..*", description = "The folders that finetune wrote.")
    private List<Path> directories = new ArrayList<>();

    @Option(names = "--json", description = "One JSON object on a line for each run.")
    private boolean json;

    @Mixin
    private CommonOptions common = new CommonOptions();

    CompareCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        List<SavedRun> runs = new ArrayList<>();
        for (Path directory : directories) {
            SavedRun run = SavedRun.read(directory).orElse(null);
            if (run == null && (directories.size() == 1 || !Files.exists(directory))) {
                throw new InputException(directory, "RUN", Files.exists(directory) ? NONE : "there is no such folder");
            }
            if (run == null) {
                terminal.fault(directory + ": RUN: " + NONE + ", left out");
            } else {
                runs.add(run);
            }
        }
        if (runs.isEmpty()) {
            throw new InputException("RUN: none of the " + directories.size()
                    + " folders holds a run with a finished epoch");
        }
        if (json) {
            runs.forEach(run -> terminal.json(json(run)));
            return;
        }
        terminal.table(results(runs));
        List<List<String>> settings = settings(runs);
        if (settings.size() > 1) {
            terminal.line();
            terminal.line("Settings that differ");
            terminal.table(settings);
        }
        if (!sameTests(runs)) {
            terminal.line();
            terminal.line("The runs were tested with other examples, so that their numbers do not compare.");
        }
    }

    private static List<List<String>> results(List<SavedRun> runs) {
        List<List<String>> rows = new ArrayList<>();
        Metric metric = runs.getFirst().metric();
        if (!runs.stream().allMatch(run -> run.metric().equals(metric))) {
            return mixed(runs);
        }
        Metric second = new Metric(runs.getFirst().test().keySet().stream()
                .filter(name -> !name.equals("loss") && !name.equals(metric.name())).findFirst().orElse("f1_macro"));
        rows.add(List.of("", metric.title(), second.title(), "loss", "trained", "time", "epochs"));
        for (SavedRun run : runs) {
            rows.add(List.of(run.directory().toString(), shown(metric, run), shown(second, run),
                    Format.loss(run.test().getOrDefault("loss", Double.NaN)),
                    Format.count(run.parameters()), Format.seconds(run.seconds()),
                    epochs(run)));
        }
        if (!sameTests(runs)) {
            return rows;
        }
        Map<String, Double> baselines = new LinkedHashMap<>();
        runs.forEach(run -> run.baselines().forEach((name, accuracy) -> baselines.merge(name, accuracy,
                (one, other) -> one.equals(other) ? one : Double.NaN))); // of another model
        baselines.forEach((name, accuracy) -> {
            if (!Double.isNaN(accuracy)) {
                rows.add(List.of(name, metric.text(accuracy), "", "", "", "", ""));
            }
        });
        return rows;
    }

    private static boolean sameTests(List<SavedRun> runs) {
        return runs.stream().map(run -> switch (run.recipe().data()) {
            case Recipe.WordNet wordNet -> wordNet;
            case Recipe.Cron cron -> cron;
            case Recipe.Files files -> files.test();
        }).distinct().count() == 1;
    }

    private static String epochs(SavedRun run) {
        TrainingSettings training = run.recipe().training();
        return run.epochs() + (training.maxSteps() > 0 ? ", " + Format.count(training.maxSteps(), "step", "steps")
                : " of " + training.epochs());
    }

    /** Runs of several tasks: each with its own metric. */
    private static List<List<String>> mixed(List<SavedRun> runs) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("", "compared by", "value", "trained", "time", "epochs"));
        for (SavedRun run : runs) {
            rows.add(List.of(run.directory().toString(), run.metric().title(), run.metric().text(run.value()),
                    Format.count(run.parameters()), Format.seconds(run.seconds()),
                    epochs(run)));
        }
        return rows;
    }

    /** Runs of other tasks have other metrics, those that older versions left one alone. */
    private static String shown(Metric metric, SavedRun run) {
        Double value = run.test().get(metric.name());
        return value == null ? "-" : metric.text(value);
    }

    /** A row for each setting that has not one value everywhere, under the runs' names. */
    private static List<List<String>> settings(List<SavedRun> runs) {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of(""));
        runs.forEach(run -> head.add(run.directory().toString()));
        rows.add(head);
        RecipeFile.differing(runs.stream().map(SavedRun::recipe).toList()).forEach((name, values) -> {
            if (!name.equals("name")) {
                List<String> row = new ArrayList<>(List.of(name));
                values.forEach(value -> row.add(value == null ? "-" : Shown.value(value)));
                rows.add(row);
            }
        });
        return rows;
    }

    private static Map<String, Object> numbers(Map<String, Double> values) {
        Map<String, Object> numbers = new LinkedHashMap<>();
        values.forEach((name, value) -> numbers.put(name, Json.number(value)));
        return numbers;
    }

    private static Map<String, Object> json(SavedRun run) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("run", run.directory().toString());
        json.put("epochs", run.epochs());
        json.putAll(numbers(run.test()));
        json.put("trained", run.parameters());
        json.put("train_seconds", run.seconds());
        json.put("baselines", numbers(run.baselines()));
        json.put("recipe", RecipeFile.tree(run.recipe()));
        return json;
    }
}
