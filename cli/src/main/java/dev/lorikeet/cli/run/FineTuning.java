package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Method;
import dev.lorikeet.cli.recipe.Origin;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.report.Answers;
import dev.lorikeet.cli.report.Answers.Written;
import dev.lorikeet.cli.report.CommandLines;
import dev.lorikeet.cli.report.Environment;
import dev.lorikeet.cli.report.Metric;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.cli.run.Telemetry.Phase;
import dev.lorikeet.cli.task.Asking;
import dev.lorikeet.cli.task.CommandTask;
import dev.lorikeet.cli.task.TaskData;
import dev.lorikeet.lora.LoraOptimizer;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.StreamedExamples;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Labelled;
import dev.lorikeet.transformer.metrics.Thresholds;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.ModelName;
import dev.lorikeet.transformer.task.TargetWeights;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.Course;
import dev.lorikeet.transformer.training.DivergedException;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.OptimizerPlan;
import dev.lorikeet.transformer.training.StateFile.Saved;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingResult;
import dev.lorikeet.transformer.training.TrainingSettings;
import dev.lorikeet.transformer.training.Validation;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A recipe at work: checks, baselines, training, and the files after each epoch. A run belongs to one thread.
 *
 * @param <X> an input
 * @param <Y> a target
 * @param <P> a prediction
 */
public final class FineTuning<X, Y, P> {
    /** So many rates are tried, as fastai does. */
    private static final int RATES = 100;

    private final Recipe recipe;
    private final Compute compute;
    private final RunDirectory files;
    private final Narrator narrator;

    private final TaskData<X, Y, P> data;
    private TaskModel<X, Y, P> model;
    private final EncodedDataset train;
    private final EncodedDataset test;
    private final @Nullable EncodedDataset validation;
    private final Tuning tuning;
    private final Run.Facts facts;
    private final RunOrigin origin;
    private final Keeping keeping;
    /** Null while a search is to find the adapters. */
    private final @Nullable OptimizerPlan plan;
    private final List<Run.Baseline> baselines = new ArrayList<>();
    private final Telemetry telemetry;
    /** Null where nothing is asked. */
    private final @Nullable Asking asking;
    private @Nullable Written before;
    private @Nullable Written after;
    /** Null where nobody watches. */
    private @Nullable LiveRun live;

    /**
     * Reads and checks everything that the recipe names; nothing is written.
     *
     * @param recipeName what the user calls the recipe, for error messages
     * @param compute what computes the layers
     * @param files where the run's files go, and where it was if it goes on
     * @param keeping what is kept beside the end of the run
     * @throws InputException if a file is wrong, or files do not fit together, or to the run that goes on
     */
    public static FineTuning<?, ?, ?> of(Recipe recipe, Path recipeName, Compute compute, RunDirectory files,
            Keeping keeping, Narrator narrator) {
        if (ModelName.isPath(recipe.model())) {
            files.requireKeeps(Path.of(recipe.model()));
        }
        if (recipe.from() != null) {
            files.requireKeeps(Origin.of(recipe.from(), "from").weights());
        }
        Telemetry telemetry = new Telemetry();
        TaskData<?, ?, ?> data = telemetry.timed(Phase.LOAD,
                () -> MemoryException.during("reading " + RunWords.files(recipe), "", () -> TaskData.read(recipe)));
        return new FineTuning<>(recipe, recipeName, compute, files, keeping, narrator, data, telemetry);
    }

    private FineTuning(Recipe recipe, Path recipeName, Compute compute, RunDirectory files, Keeping keeping,
            Narrator narrator, TaskData<X, Y, P> data, Telemetry telemetry) {
        this.recipe = recipe;
        this.compute = compute;
        this.files = files;
        this.narrator = narrator;
        this.keeping = keeping;
        this.data = data;
        this.telemetry = telemetry;
        this.asking = Asking.of(data.task(), data.test(), recipe);
        Task<X, Y, P> task = data.task().task();
        Path from = recipe.from();
        long seed = recipe.training().seed();
        StartingPoint start = from == null ? null
                : MemoryException.during("loading " + from, "", () -> StartingPoint.read(from, recipe, compute));
        this.model = telemetry.timed(Phase.LOAD, () -> start != null ? start.model(task, seed)
                : MemoryException.during("loading the model " + recipe.model(), "",
                        () -> TaskModel.of(Model.load(recipe.model(), LoadOptions.STANDARD.with(compute)), task,
                                seed)));
        if (data.train() instanceof StreamedExamples<X, Y> streamed) {
            narrator.streams(streamed.name());
        }
        this.train = encoded(data.train());
        train.weighted(recipe.training()); // which is refused where there are no classes
        int total = Course.of(train, recipe.training()).steps();
        requireUpdates(recipe.training(), total, recipeName);
        this.test = encoded(data.test());
        this.validation = data.validation() == null ? null : encoded(data.validation());
        this.tuning = Tuning.of(model, train, recipe, recipeName, total, start);
        this.plan = recipe.method() instanceof Method.AutoLora ? null : plan();
        Saved saved = files.saved().orElse(null);
        this.origin = new RunOrigin(recipe, data.task().labels(), train.digest(), test.digest(),
                validation == null ? "" : validation.digest(), start == null ? "" : start.sha256(),
                model.model().hash() + " " + model.backbone().config(), tuning,
                saved == null ? ZonedDateTime.now().truncatedTo(ChronoUnit.SECONDS) : RunOrigin.started(saved.about()));
        this.facts = facts(start == null ? null : start.facts(task), train.truncated(), test.truncated());
        if (saved != null) {
            origin.requireSame(saved.about());
        }
        if (saved != null && RunOrigin.isTraining(saved.about())) {
            telemetry.goesOn(saved.state().done());
        }
    }

    private EncodedDataset encoded(Examples<X, Y> examples) {
        return telemetry.timed(Phase.ENCODE, () -> EncodedDataset.of(model, examples));
    }

    /** A run that changes nothing would report success. */
    private static void requireUpdates(TrainingSettings training, int steps, Path recipeName) {
        if (training.adapterRate() == 0 && training.headRate() == 0) {
            throw new InputException(recipeName, "training.adapter-rate",
                    "is 0, as head-rate is: nothing would be trained");
        }
        if (!training.trains(steps)) {
            throw new InputException(recipeName, "training.warmup-ratio",
                    "the rate is 0 in the first step of a warm-up, and "
                            + "the run has no other: nothing would be trained; a warmup-ratio of 0, more epochs or a "
                            + "smaller "
                            + "batch-size help");
        }
    }

    /** Of adapters that are attached: some plans change what is trained of them. */
    private OptimizerPlan plan() {
        return LoraOptimizer.plan(model, recipe.training(), recipe.loraOptimizer());
    }

    private Run.Facts facts(Run.@Nullable Start start, int trainCut, int testCut) {
        long head = model.head().parameterCount();
        return new Run.Facts(recipe, model.model().id(), RunWords.architecture(model), start, data.name(),
                train.size(), validation == null ? 0 : validation.size(), test.size(),
                new Run.Truncated(trainCut, testCut, model.backbone().maxTokens()),
                Summaries.of(data, train, validation, test),
                new Run.Learned(RunWords.task(data.task().title(), model), data.task().outputs(),
                        data.task().labels(), new Metric(data.task().metric())),
                model.backbone().trainableCount() + head,
                model.backbone().parameterCount() + head, tuning.layers(), model.model().hash(),
                Environment.of(compute),
                origin.started(),
                CommandLines.of("finetune", "--recipe", files.name().resolve("recipe.yaml").toString(),
                        "--out", files.name() + "-again"));
    }

    /**
     * Trains and writes.
     *
     * @return the finished run
     * @throws InputException if the folder cannot be written
     * @throws DivergedException if training leaves the numbers; the last finished epoch is kept
     */
    public Run run() {
        try {
            return finished();
        } catch (DivergedException e) {
            files.forget(); // whoever went on would come to the same end
            Path last = files.lastEpoch();
            throw last == null ? e
                    : new DivergedException(e.getMessage() + "; " + last + " holds the last finished epoch");
        }
    }

    /** The run as it is, for those who watch it. */
    public LiveRun live() {
        live = new LiveRun(snapshot(null));
        return live;
    }

    private void show(Run.@Nullable Tested tested) {
        if (live != null) {
            live.show(snapshot(tested));
        }
    }

    /** Tells what {@link #run} would take, by a few steps that are thrown away with the model; nothing is written. */
    public void rehearse() {
        narrator.facts(facts);
        narrator.rehearsed(MemoryException.during("the first steps", ofBatches(), () -> Rehearsal.of(model, train,
                validation == null ? test : validation, validation == null ? null : test, recipe,
                plan == null ? plan() : plan)), recipe, files.name());
    }

    /** Tries learning rates and suggests one, see {@link Trainer#findRate}; nothing is written. */
    public void findRate() {
        narrator.facts(facts);
        narrator.rates(MemoryException.during("trying rates", ofBatches(), () -> Trainer.of(model)
                .settings(recipe.training()).plan(plan == null ? plan() : plan).findRate(train, RATES)),
                recipe.training());
    }

    /** What helps where a batch needs too much. */
    private String ofBatches() {
        return "a smaller --batch-size, which is " + recipe.training().batchSize()
                + ", or --gradient-checkpointing needs less, ";
    }

    private Run finished() {
        narrator.facts(facts);
        Saved saved = files.saved().orElse(null);
        if (saved == null) {
            data.task().baselines(train, test, recipe).forEach((name, evaluation) -> baseline(name,
                    name.equals(CommandTask.PROBE) ? model.head().parameterCount() : 0,
                    () -> MemoryException.during("running the " + name, "", evaluation)));
            before = answers(Answers.BEFORE);
        } else {
            RunOrigin.baselines(saved.about()).forEach(this::add);
            before = RunOrigin.before(saved.about());
        }
        TrainingResult result = MemoryException.during("training", ofBatches(),
                () -> {
                    if (saved != null && RunOrigin.isTraining(saved.about())) {
                        tuning.restore(RunOrigin.found(saved.about()));
                        return train(saved);
                    }
                    if (plan == null) {
                        telemetry.timed(Phase.SEARCH, () -> tuning.prepare(narrator,
                                saved == null ? null : saved.state(), () -> checkpoints(false)));
                    }
                    return train(null);
                });
        Run.Tested tested = data.validation() == null ? null : tested(result.best());
        if (tested != null) {
            if (result.endedEarly()) {
                narrator.endsEarly(recipe.training().patience());
            }
        }
        after = answers(Answers.AFTER);
        if (tested != null || after != null) {
            save(tested); // the model as it was chosen
        }
        files.finish();
        Run run = snapshot(tested);
        show(tested);
        narrator.finished(run, files.name());
        return run;
    }

    /** Has the model answer test examples, where the recipe asks for that. */
    private @Nullable Written answers(String when) {
        if (asking == null) {
            return null;
        }
        narrator.asks(when, asking.asked().size());
        Written written = telemetry.timed(Phase.EVALUATE,
                () -> MemoryException.during("answering", "a smaller --num-beams needs less, ",
                        () -> asking.ask(model)));
        narrator.answered(asking.asked(), written);
        return written;
    }

    private Run.Tested tested(@Nullable Validation best) {
        if (best != null && best.evaluation().details() instanceof Labelled said) {
            model = model.with(data.task().with(Thresholds.best(said.scores(), said.actual())));
        }
        EncodedDataset examples = new EncodedDataset(model, test.examples(), TargetWeights.PLAIN);
        return new Run.Tested(best, telemetry.timed(Phase.EVALUATE,
                () -> examples.evaluate(recipe.training().batchSize(), new Workspace())));
    }

    private Checkpoints checkpoints(boolean training) {
        return new Checkpoints(files, keeping.steps(),
                () -> keeping.with(origin.about(baselines, before, training)));
    }

    private void baseline(String name, long parameters, Supplier<Evaluation> evaluation) {
        long start = System.nanoTime();
        double value = telemetry.timed(Phase.BASELINES, evaluation).main();
        add(new Run.Baseline(name, parameters, value, (System.nanoTime() - start) * 1e-9));
    }

    private void add(Run.Baseline baseline) {
        if (baselines.isEmpty()) {
            narrator.baselinesBegin();
        }
        baselines.add(baseline);
        narrator.baseline(baseline, facts.learned().metric());
        show(null);
    }

    private TrainingResult train(@Nullable Saved saved) {
        Trainer<X, Y> trainer = Trainer.of(model).settings(recipe.training())
                .validation(validation == null ? test : validation)
                .plan(plan == null ? plan() : plan);
        try (Progress progress = narrator.progress();
                Checkpoints checkpoints = checkpoints(true)) {
            trainer.listener(new TrainingListener() {
                @Override
                public void started(Course course) {
                    narrator.trainingBegins(course, recipe.training());
                    if (saved != null) {
                        narrator.resumed(saved.state().updates(), course.steps());
                        progress.past(saved.state().done().steps());
                    }
                }
            });
            trainer.listener(progress);
            trainer.listener(checkpoints);
            trainer.listener(telemetry);
            if (live != null) {
                trainer.listener(live.listener(() -> snapshot(null)));
            }
            trainer.listener(new TrainingListener() {
                private boolean best;

                @Override
                public void validated(Validation validation) {
                    best = validation.best();
                }

                @Override
                public void epochDone(Epoch epoch) {
                    boolean saved = best || data.validation() == null;
                    if (saved) {
                        save(null);
                    }
                    if (keeping.epochs() > 0) {
                        telemetry.timed(Phase.SAVE,
                                () -> files.keepEpoch(epoch.epoch(), keeping.epochs(),
                                        folder -> RunFiles.writeModel(folder, model, recipe)));
                    }
                    show(null);
                    narrator.epoch(epoch, facts, saved);
                }
            });
            return saved == null ? trainer.run(train) : trainer.resume(saved.state(), train);
        }
    }

    private void save(Run.@Nullable Tested tested) {
        telemetry.timed(Phase.SAVE, () -> {
            Run run = snapshot(tested);
            files.replace(folder -> RunFiles.write(folder, model, run, origin));
        });
    }

    private Run snapshot(Run.@Nullable Tested tested) {
        Evaluation shown = tested != null ? tested.evaluation()
                : telemetry.epochs().isEmpty() ? null : telemetry.epochs().getLast().test();
        Examples<X, Y> examples = tested == null && data.validation() != null ? data.validation() : data.test();
        return new Run(facts, baselines, telemetry.steps(), telemetry.epochs(), telemetry.validations(),
                tuning.layers(), tuning.allocation(), tested,
                shown == null || shown.details() == null ? List.of() : data.task().mistakes(examples, shown.details()),
                asking == null ? null : new Answers(asking.asked(), before, after), telemetry.usage());
    }
}
