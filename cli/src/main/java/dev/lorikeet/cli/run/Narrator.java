package dev.lorikeet.cli.run;

import dev.lorikeet.cli.cron.CronExamples;
import dev.lorikeet.cli.recipe.Method;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.report.Allocation;
import dev.lorikeet.cli.report.AnswerTable;
import dev.lorikeet.cli.report.CommandLines;
import dev.lorikeet.cli.report.Environment;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.FoundRows;
import dev.lorikeet.cli.report.MethodTable;
import dev.lorikeet.cli.report.Metric;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.report.WrittenAnswers.Asked;
import dev.lorikeet.cli.report.WrittenAnswers.Written;
import dev.lorikeet.cli.task.CommandTask;
import dev.lorikeet.lora.rank.RankAllocator;
import dev.lorikeet.lora.search.AutoLoraSearch.SearchStep;
import dev.lorikeet.transformer.training.Course;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.LearningRateFinder;
import dev.lorikeet.transformer.training.Step;
import dev.lorikeet.transformer.training.TrainingSettings;
import dev.lorikeet.transformer.training.Validation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Tells a person how a run goes. */
public final class Narrator {
    private static final int SHOWN_RATES = 24;
    private static final String ROW = "  %-22s %6s";

    private final Terminal terminal;

    public Narrator(Terminal terminal) {
        this.terminal = terminal;
    }

    void facts(Run.Facts facts) {
        int inBoth = facts.summary().inBoth();
        Environment environment = facts.environment();
        terminal.field("Recipe", facts.recipe().name());
        terminal.field("Model", facts.model() + ": " + facts.architecture());
        if (facts.start() != null) {
            terminal.field("From", facts.start().from() + (facts.start().head().isEmpty() ? ""
                    : ", " + facts.start().head()));
        }
        terminal.field("Data", facts.data() + ": " + facts.examples() + ", " + facts.learned().outputs());
        if (facts.recipe().data() instanceof Recipe.Files files) {
            terminal.field("Task", facts.learned().task() + files.columns());
        }
        facts.summary().files().stream().filter(FoundRows::isNews).forEach(part -> part.tell(terminal));
        if (inBoth > 0) {
            terminal.field("In both", Format.count(inBoth, "text to test with is", "texts to test with are")
                    + " among those to train with");
        }
        if (!facts.truncated().text().isEmpty()) {
            terminal.field("Truncated", facts.truncated().text());
        }
        if (!facts.summary().unknown().isEmpty()) {
            terminal.field("Unknown", facts.summary().unknown());
        }
        terminal.field("Method", switch (facts.recipe().method()) {
            case Method.Full full -> full.title() + ", every weight of the encoder";
            case Method.AdaLora method -> method.title() + ", rank " + method.rank() + " falling to "
                    + method.targetRank() + " in the mean, alpha " + Format.number(method.alpha()) + on(facts);
            case Method.AutoLora method -> method.title() + ", rank at most " + method.rank() + ", alpha "
                    + Format.number(method.alpha()) + on(facts);
            case Method.Lora method -> method.title() + ", rank " + method.rank() + ", alpha "
                    + Format.number(method.alpha()) + on(facts);
        });
        terminal.field("Parameters", Format.count(facts.trained()) + " of " + Format.count(facts.total()) + " trained, "
                + Format.percent(facts.trainedShare()));
        terminal.field("Compute", environment.kernels() + " (" + environment.reason() + "), "
                + Format.count(environment.threads(), "thread", "threads"));
    }

    /** A file that is not kept in memory is about to be encoded, unless that was done before. */
    void streams(String file) {
        terminal.line(file + " is too large to be kept in memory (--memory): encoded once, it is read from "
                + EncodedDataset.cache());
        terminal.line();
    }

    /** Baselines are about to be told. */
    void baselinesBegin() {
        terminal.line();
        terminal.line("Baselines, on the test examples");
    }

    private static String on(Run.Facts facts) {
        return ", on " + Format.count(facts.layers().size(), "linear layer", "linear layers");
    }

    /** A search for ranks is about to begin, or to go on after so many steps. */
    void searchBegins(int done, int steps) {
        terminal.line();
        terminal.line("Search for ranks, " + Format.count(steps, "step", "steps")
                + ", one part of the examples for the adapters, the other for the choice");
        if (done > 0) {
            resumed(done, steps);
        }
    }

    /** A step of a search for ranks: a line at every tenth. */
    void searched(SearchStep step) {
        if (10L * step.step() / step.steps() > 10L * (step.step() - 1) / step.steps()) {
            int width = Integer.toString(step.steps()).length();
            terminal.row("  %3d %%   step %" + width + "d of %d   loss %s train, %s choice",
                    100L * step.step() / step.steps(), step.step(), step.steps(), Format.loss(step.trainingLoss()),
                    Format.loss(step.validationLoss()));
        }
    }

    /** The search has ended. */
    void found(List<Run.AdaptedLayer> layers, RankAllocator.Cost cost, double seconds) {
        terminal.line("  ranks " + MethodTable.ranks(layers) + "   " + Format.seconds(seconds) + ", "
                + Format.seconds(cost.extraSeconds()) + " of it beyond plain LoRA: "
                + Format.count(cost.extraPasses(), "pass", "passes") + " more than one a step");
    }

    void baseline(Run.Baseline baseline, Metric metric) {
        terminal.row(ROW + "   in %s", baseline.name(), metric.text(baseline.value()),
                Format.seconds(baseline.seconds()));
    }

    void trainingBegins(Course course, TrainingSettings settings) {
        int steps = course.steps();
        int whole = course.steps(1);
        terminal.line();
        terminal.line("Training, " + length(course) + " with " + batches(settings) + ", "
                + Format.count(course.tokensPerEpoch()) + " tokens an epoch");
        double[] factors = IntStream.range(0, steps).mapToDouble(settings.schedule(steps)::factor).toArray();
        if (whole == 1 && factors[0] == 0) {
            terminal.line("  the first epoch changes nothing: its only step is the first of the warm-up, at the rate "
                    + "0");
        }
        if (Arrays.stream(factors).allMatch(factor -> factor < 1)) {
            terminal.line("  the warm-up takes all steps, so that no rate reaches its peak");
        }
    }

    private static String length(Course course) {
        String epochs = Format.count(course.epochs(), "epoch", "epochs");
        boolean alike = IntStream.rangeClosed(1, course.epochs())
                .allMatch(epoch -> course.steps(epoch) == course.steps(1));
        return alike ? epochs + " of " + Format.count(course.steps(1), "step", "steps")
                : Format.count(course.steps(), "step", "steps") + " in " + epochs;
    }

    private static String batches(TrainingSettings settings) {
        if (settings.batchTokens() > 0) {
            return "batches of up to " + Format.count(settings.batchTokens(), "token", "tokens")
                    + (settings.accumulation() == 1 ? "" : ", " + settings.accumulation() + " of them each");
        }
        return Format.count((long) settings.batchSize() * settings.accumulation(), "example", "examples")
                + (settings.accumulation() == 1 ? "" : " in batches of " + Format.count(settings.batchSize()));
    }

    /** For what tells itself how far it is. */
    Terminal terminal() {
        return terminal;
    }

    Progress progress() {
        return terminal.interactive() ? new ProgressBars(terminal) : new ProgressLines(terminal);
    }

    /** What rates come to, of many some that lie evenly among them, and which is suggested. */
    void rates(LearningRateFinder.Result found, TrainingSettings settings) {
        List<LearningRateFinder.Trial> trials = found.trials();
        double least = trials.stream().mapToDouble(LearningRateFinder.Trial::smoothedLoss).min().orElseThrow();
        double most = trials.stream().mapToDouble(LearningRateFinder.Trial::smoothedLoss).max().orElseThrow();
        terminal.line();
        terminal.line(Format.count(trials.size(), "rate was", "rates were") + " tried, each for a step; the loss is a "
                + "mean over the last steps");
        terminal.row("  %12s  %10s  %7s", "adapter-rate", "head-rate", "loss");
        int rows = Math.min(SHOWN_RATES, trials.size());
        for (int row = 0; row < rows; row++) {
            LearningRateFinder.Trial trial = trials.get(rows == 1 ? 0 : row * (trials.size() - 1) / (rows - 1));
            terminal.row("  %12s  %10s  %7s  %s", Format.number(trial.factor() * settings.adapterRate()),
                    Format.number(trial.factor() * settings.headRate()), Format.loss(trial.smoothedLoss()),
                    terminal.bar(most == least ? 0 : (trial.smoothedLoss() - least) / (most - least), SHOWN_RATES));
        }
        TrainingSettings applied = found.applied(settings);
        terminal.line();
        terminal.line("A tenth of the rates with the least loss: --adapter-rate " + Format.number(applied.adapterRate())
                + " --head-rate " + Format.number(applied.headRate()));
        terminal.line("Nothing was written.");
    }

    /** What a run would take. */
    void rehearsed(Rehearsal rehearsal, Recipe recipe, Path directory) {
        Course course = rehearsal.course();
        terminal.field("Steps", Format.count(course.steps()) + " in " + Format.count(course.epochs(), "epoch", "epochs")
                + ", " + Format.count(course.tokensPerEpoch()) + " tokens an epoch");
        terminal.field("Time", "about " + Format.seconds(rehearsal.trainSeconds() + rehearsal.otherSeconds()) + ": "
                + Format.seconds(rehearsal.trainSeconds()) + " of training at " + Format.speed(rehearsal
                        .tokensPerSecond())
                + ", " + Format.seconds(rehearsal.otherSeconds()) + " of evaluations and baselines; measured on "
                + Format.count(rehearsal.measured(), "step", "steps") + " of the run"
                + (recipe.method() instanceof Method.AutoLora ? ", without the search for ranks" : ""));
        terminal.field("Memory", Format.bytes(rehearsal.bytes()) + " at least, of " + Format.bytes(Runtime.getRuntime()
                .maxMemory()) + " that Java may take");
        rehearsal.memory().forEach(part -> terminal.row("  %-34s %9s", part.name(), Format.bytes(part.bytes())));
        terminal.line("Activations are those of the longest examples of a batch together, "
                + Format.count(rehearsal.longest()) + " tokens.");
        terminal.line();
        terminal.line("A dry run: nothing was written. The run would be in " + directory + ".");
    }

    /** @param saved whether the model is in the run's folder now */
    void epoch(Epoch epoch, Run.Facts facts, boolean saved) {
        Metric metric = facts.learned().metric();
        terminal.row("  epoch %d of %d   %s %s %s   loss %s train, %s %s%s", epoch.epoch(), epoch.epochs(),
                facts.evaluatedOn(), metric.title(), metric.text(epoch.test().main()), Format.loss(epoch.trainLoss()),
                Format.loss(epoch.test().loss()), facts.evaluatedOn(), saved ? "   saved" : "");
    }

    void finished(Run run, CommandTask<?, ?, ?> task, Path directory) {
        String method = run.facts().recipe().method().title();
        String row = ROW.replace("22", Integer.toString(Math.max(22, (method + ", epoch 10").length())));
        Metric metric = run.metric();
        Run.Baseline best = run.bestBaseline().orElse(null);
        terminal.line();
        terminal.line("Test " + metric.title());
        run.baselines().stream().sorted(Comparator.comparingDouble(Run.Baseline::value)).forEach(
                baseline -> terminal.row(row, baseline.name(), metric.text(baseline.value())));
        Run.Tested test = run.test();
        if (test != null) {
            Validation chosen = test.chosen();
            double value = test.evaluation().main();
            terminal.row(row + "   %s   %s", method + ", "
                    + (chosen == null ? "last step" : "epoch " + chosen.epoch()), metric.text(value),
                    over(metric, value, best), chosen == null ? "no validation counted"
                            : "the best of the validation, " + metric.text(chosen.evaluation().main()));
        }
        for (Epoch epoch : test == null ? run.epochs() : List.<Epoch>of()) {
            terminal.row(row + "   %s   %s", method + ", epoch " + epoch.epoch(), metric.text(epoch.test().main()),
                    over(metric, epoch.test().main(), best), Format.seconds(epoch.trainSeconds()));
        }
        terminal.line();
        terminal.line(Format.count(run.trained()) + " parameters trained in " + Format.seconds(run.trainSeconds())
                + ", " + Format.speed(run.tokensPerSecond()));
        Allocation allocation = run.allocation();
        if (allocation != null) {
            terminal.line("Ranks " + MethodTable.ranks(run.layers()) + "; finding them took "
                    + Format.seconds(allocation.cost().extraSeconds()) + " more than plain LoRA");
        }
        files(run.facts().recipe(), task, directory);
    }

    private static String over(Metric metric, double value, Run.@Nullable Baseline best) {
        return best == null ? "" : metric.difference(value, best.value());
    }

    private void files(Recipe recipe, CommandTask<?, ?, ?> task, Path directory) {
        terminal.line();
        terminal.line("Written to " + directory);
        terminal.lines(switch (recipe.method()) {
            case Method.Full _ -> "  model/             the model, as Hugging Face transformers opens it";
            case Method.Adapted _ -> "  adapter/           the adapter, as Hugging Face PEFT opens it";
        });
        if (Files.exists(directory.resolve(RunFiles.GGUF))) {
            terminal.line("  adapter.gguf       the same for llama.cpp");
        }
        terminal.line("  task.json          what the model is for");
        if (Files.exists(directory.resolve("head.safetensors"))) {
            terminal.line("  head.safetensors   the model's head");
            terminal.line("  load.py            opens both in Python");
        }
        terminal.lines("""
                  recipe.yaml        every setting, to run this again
                  metrics.jsonl      every step and epoch in numbers
                  tensorboard/       the same for TensorBoard
                  report.html        all of it on one page
                """);
        if (Files.exists(directory.resolve("epochs"))) {
            terminal.line("  epochs/            the models of the last epochs");
        }
        if (Files.exists(directory.resolve(RunFiles.ANSWERS))) {
            terminal.line("  answers.jsonl      what the model answered");
        }
        terminal.line();
        terminal.line("Try");
        String folder = directory.toString();
        List<List<String>> tries = recipe.data() instanceof Recipe.WordNet
                ? List.of(List.of("predict", "--run", folder, "a small domesticated animal kept for catching mice"))
                : task.tries(folder);
        tries.forEach(each -> terminal.command(each.toArray(String[]::new)));
        if (recipe.data() instanceof Recipe.Cron) {
            terminal.command("generate", "--model", recipe.model(), "--adapter",
                    directory.resolve("adapter").toString(),
                    CronExamples.prompt("every weekday at half past nine in the morning"));
        }
        terminal.command("evaluate", "--run", folder);
    }

    /** The model is about to answer test examples. */
    void asks(String when, int prompts) {
        terminal.line();
        terminal.line("Answers " + when + ", to " + Format.count(prompts, "prompt", "prompts")
                + " of the test examples");
    }

    void answered(List<Asked> asked, Written written) {
        terminal.line("  " + written.shown() + "; " + Format.speed(written.tokens() / written.seconds()));
        AnswerTable.tell(asked, written, terminal);
    }

    /** The run ends before its last epoch. */
    void endsEarly(int patience) {
        terminal.line("  no better in " + Format.count(patience, "evaluation", "evaluations")
                + ": the run ends here");
    }

    /** A run goes on after a step. */
    void resumed(int step, int steps) {
        terminal.line("  goes on after step " + step + " of " + steps);
    }

    /** What tracks the run does not; in any thread. */
    void untracked(String why) {
        terminal.interruption(why);
    }

    /** There is nothing to go on with. */
    public void begins(Path directory) {
        terminal.line("Nothing to go on with in " + directory + ": the run begins");
        terminal.line();
    }

    /** A run is there already. */
    public void isFinished(Path directory) {
        terminal.line(directory + " holds a finished run: there is nothing to go on with");
    }

    /**
     * The JVM was told to end.
     *
     * @param lastEpoch the folder with the last finished epoch, or null where none was finished
     * @param kept the step after which the run can go on, or null where there is none
     */
    void stopped(Path directory, @Nullable Path lastEpoch, @Nullable Step kept) {
        String epoch = lastEpoch == null ? ""
                : lastEpoch + " holds the last finished epoch"
                        + (lastEpoch.equals(directory) ? "" : ", " + directory + " the run before");
        if (kept == null) {
            terminal.interruption("stopped; " + (lastEpoch == null ? "no step was finished, so nothing was written"
                    : epoch));
            return;
        }
        terminal.interruption("stopped after step " + kept.step() + " of " + kept.steps() + "; "
                + (lastEpoch == null ? "" : epoch + "; ") + "to go on: "
                + CommandLines.of("finetune", "--resume", "--out", directory.toString()));
    }
}
