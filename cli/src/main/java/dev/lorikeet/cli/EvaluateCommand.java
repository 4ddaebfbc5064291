package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.recipe.RecipeSettings;
import dev.lorikeet.cli.report.AnswerTable;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.FoundRows;
import dev.lorikeet.cli.report.Metric;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.report.WrittenAnswers.Written;
import dev.lorikeet.cli.run.Devices;
import dev.lorikeet.cli.run.MemoryException;
import dev.lorikeet.cli.task.Asking;
import dev.lorikeet.cli.task.Columns;
import dev.lorikeet.cli.task.CommandTask;
import dev.lorikeet.cli.task.TaskData;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.data.DataSource;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.metrics.Answered;
import dev.lorikeet.transformer.metrics.ClassScores;
import dev.lorikeet.transformer.metrics.ClassScores.Score;
import dev.lorikeet.transformer.metrics.Classified;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Fit;
import dev.lorikeet.transformer.metrics.Labelled;
import dev.lorikeet.transformer.metrics.NamedScores;
import dev.lorikeet.transformer.metrics.Retrieved;
import dev.lorikeet.transformer.metrics.Tagged;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.EncodedDataset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lorikeet evaluate}. */
@Command(name = "evaluate", description = "Computes the test scores of a run again, those of each class "
        + "too, from its saved files alone.",
        footer = {
            "  lorikeet evaluate --run out/supersense", "  lorikeet evaluate --run out/supersense --json",
            "  lorikeet evaluate --run out/mine --data other.tsv",
            "  lorikeet evaluate --run out/mine --generate 100 --scores bleu,rouge",
            "  lorikeet evaluate --model bert --adapter mine --data test.tsv"})
final class EvaluateCommand implements Runnable {
    /** So many rows fit a screen. */
    private static final int MOST_CLASSES = 30;
    private static final int WORST = 10;

    private final Terminal terminal;

    @Mixin
    private RunOption run = new RunOption();

    @Option(names = {"--data", "--test"}, paramLabel = "FILES", description = "Other texts, with the columns of the "
            + "run's own where nothing else is said (default: the run's test examples).")
    @Nullable
    private String test;

    private final RecipeFlags columns = new RecipeFlags();
    private final RecipeFlags answers = new RecipeFlags();

    @Option(names = "--json", description = "One JSON object with every number.")
    private boolean json;

    @Mixin
    private ComputeOptions compute = ComputeOptions.withDevice();

    @Mixin
    private CommonOptions common = new CommonOptions();

    /** picocli hands over the command. */
    @Spec
    void spec(CommandSpec command) {
        columns.addTo(command, RecipeSettings.LABELLED_TABLE);
        answers.addTo(command, RecipeSettings.ofWriting());
    }

    EvaluateCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        compute.request();
        try (Compute computes = Devices.open(compute.device(), terminal::line)) {
            TaskModel<?, ?, ?> model = run.model(computes, terminal);
            evaluate(model, CommandTask.of(model.task()).readBy(model.model()));
        }
    }

    /** The run's, with other data if so asked; a merged model may have none. */
    private Recipe recipe(CommandTask<?, ?, ?> task) {
        if (test == null && !columns.given().isEmpty()) {
            throw new InputException("--data: is missing, whose columns the flags are about");
        }
        Map<String, Object> data = new LinkedHashMap<>(columns.given());
        data.putAll(answers.given());
        if (test != null) {
            data.putAll(RecipeFile.testedWith(test));
        }
        if (run.hasRecipe()) {
            return Columns.settle(data.isEmpty() ? run.recipe() : RecipeFile.with(run.recipe(), data));
        }
        if (test == null) {
            throw new InputException(run.directory(), "--data",
                    "is needed: there is no recipe.yaml that says what the test examples are");
        }
        Map<String, Object> known = new LinkedHashMap<>(data);
        known.putAll(task.settings());
        return Columns.settle(RecipeFile.read(null, known));
    }

    private <X, Y> void evaluate(TaskModel<?, ?, ?> model, CommandTask<X, Y, ?> task) {
        Recipe tested = recipe(task);
        DataSource source = tested.data() instanceof Recipe.Files files ? files.source(files.test()) : null;
        Examples<X, Y> data = MemoryException.during("reading the texts", "",
                () -> TaskData.readTest(tested, task, source));
        TaskModel<X, Y, ?> own = task.of(model);
        EncodedDataset encoded = EncodedDataset.of(own, data);
        Evaluation evaluation = MemoryException.during("evaluating", "a smaller training.batch-size in "
                + run.directory().resolve("recipe.yaml") + " needs less, ",
                () -> encoded.evaluate(tested.training().batchSize(), new Workspace()));
        List<String> labels = task.labels();
        Asking asking = Asking.of(task, data, tested);
        Written written = asking == null ? null
                : MemoryException.during("answering", "a smaller --num-beams needs less, ",
                        () -> asking.ask(own, terminal.aside()));
        if (json) {
            Map<String, Object> all = json(model, data, source, encoded, evaluation, labels);
            if (asking != null && written != null) {
                all.put("answers", AnswerTable.json(asking.asked(), written));
            }
            terminal.json(all);
            return;
        }
        terminal.field(run.title(), run.directory().toString());
        terminal.field("Model", model.model().id());
        terminal.field("Data", data.name() + ": " + Format.count(data.size(), "example", "examples"));
        if (source != null) {
            new FoundRows("", source.counts()).tell(terminal);
        }
        if (encoded.truncated() > 0) {
            terminal.field("Truncated", Format.count(encoded.truncated(), "text has", "texts have") + " more than "
                    + model.task().most(model.model()) + " tokens, the rest is not read");
        }
        switch (evaluation.details()) {
            case Classified said -> {
                ClassScores scores = ClassScores.of(said.confusion());
                terminal.field("Accuracy", Format.percent(evaluation.accuracy()) + ", "
                        + Format.count(Math.round(evaluation.accuracy() * data.size())) + " right");
                terminal.field("Macro F1", Format.percent(scores.macro().f1()) + ", precision "
                        + Format.percent(scores.macro().precision()) + ", recall "
                        + Format.percent(scores.macro().recall()));
                terminal.field("Matthews", String.format(Locale.ROOT, "%.3f", scores.matthews()));
                terminal.field("Loss", Format.loss(evaluation.loss()));
                table("classes", labels, scores.each());
            }
            case Labelled said -> {
                metrics(evaluation);
                table("labels", said.named());
            }
            case Tagged said -> {
                metrics(evaluation);
                table(said.areEntities() ? "types" : "tags", said.named());
            }
            case Fit fit -> {
                metrics(evaluation);
                numbers(fit);
            }
            case Retrieved _,Answered _ -> metrics(evaluation);
            case null -> metrics(evaluation);
        }
        if (asking != null && written != null) {
            terminal.field("Answers", "to " + Format.count(written.texts().size(), "prompt", "prompts") + ", "
                    + Format.speed(written.tokens() / written.seconds()));
            written.scores().forEach((name, value) -> terminal.field(new Metric(name).heading(),
                    new Metric(name).text(value)));
            AnswerTable.tell(asking.asked(), written, terminal);
        }
    }

    /** A row for each of several numbers, whose means stand above. */
    private void numbers(Fit fit) {
        if (fit.names().size() == 1) {
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < fit.names().size(); i++) {
            Map<String, Double> metrics = Evaluation.of(fit.only(i), Double.NaN).metrics();
            if (rows.isEmpty()) {
                rows.add(Stream.concat(Stream.of(""), metrics.keySet().stream().map(name -> new Metric(name).title()))
                        .toList());
            }
            rows.add(Stream.concat(Stream.of(fit.names().get(i)), metrics.entrySet().stream()
                    .map(each -> new Metric(each.getKey()).text(each.getValue()))).toList());
        }
        terminal.line();
        terminal.table(rows);
    }

    private void metrics(Evaluation evaluation) {
        evaluation.metrics().forEach((name, value) -> {
            Metric metric = new Metric(name);
            terminal.field(metric.heading(), metric.text(value));
        });
        terminal.field("Loss", Format.loss(evaluation.loss()));
    }

    private void table(String what, NamedScores scores) {
        table(what, scores.names(), scores.each());
    }

    /** A row for each, of many those alone that are told worst. */
    private void table(String what, List<String> names, List<Score> scores) {
        List<Integer> shown = IntStream.range(0, names.size()).boxed().toList();
        terminal.line();
        if (shown.size() > MOST_CLASSES) {
            shown = shown.stream().filter(i -> scores.get(i).support() > 0)
                    .sorted(Comparator.comparingDouble(i -> scores.get(i).f1())).limit(WORST).toList();
            terminal.line("The " + shown.size() + " " + what + " that are told worst, of " + names.size());
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("", "precision", "recall", "F1", "examples"));
        for (int i : shown) {
            Score score = scores.get(i);
            rows.add(List.of(names.get(i), Format.percent(score.precision()), Format.percent(score.recall()),
                    Format.percent(score.f1()), Format.count(score.support())));
        }
        terminal.table(rows);
    }

    private Map<String, Object> json(TaskModel<?, ?, ?> model, Examples<?, ?> data, @Nullable DataSource source,
            EncodedDataset encoded, Evaluation evaluation, List<String> labels) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put(run.title().toLowerCase(Locale.ROOT), run.directory().toString());
        json.put("model", model.model().id());
        json.put("data", data.name());
        json.put("examples", data.size());
        if (source != null && source.counts().skipped() > 0) {
            json.put("skipped", source.counts().skipped());
        }
        json.put("truncated", encoded.truncated());
        json.put("loss", Json.number(evaluation.loss()));
        evaluation.metrics().forEach((name, value) -> json.put(name, Json.number(value)));
        switch (evaluation.details()) {
            case Classified said -> {
                ClassScores scores = ClassScores.of(said.confusion());
                json.put("macro", json(scores.macro()));
                json.put("weighted", json(scores.weighted()));
                json.put("classes", rows(labels, scores.each()));
            }
            case Labelled said -> json.put("labels", rows(said.named().names(), said.named().each()));
            case Tagged said -> json.put("labels", rows(said.named().names(), said.named().each()));
            case Fit fit -> json.put("numbers", IntStream.range(0, fit.names().size()).mapToObj(i -> {
                Map<String, Object> own = new LinkedHashMap<>();
                own.put("name", fit.names().get(i));
                Evaluation.of(fit.only(i), Double.NaN).metrics().forEach((name, value) -> own.put(name,
                        Json.number(value)));
                return own;
            }).toList());
            case Retrieved _,Answered _ -> {
                // there is nothing more
            }
            case null -> {
                // likewise
            }
        }
        return json;
    }

    private static List<Map<String, Object>> rows(List<String> names, List<Score> scores) {
        return IntStream.range(0, names.size()).mapToObj(i -> {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("label", names.get(i));
            row.putAll(json(scores.get(i)));
            return row;
        }).toList();
    }

    private static Map<String, Object> json(Score score) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("precision", score.precision());
        json.put("recall", score.recall());
        json.put("f1", score.f1());
        json.put("examples", score.support());
        return json;
    }
}
