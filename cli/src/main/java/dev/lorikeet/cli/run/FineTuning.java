package dev.lorikeet.cli.run;

import dev.lorikeet.cli.mlflow.MlflowRun.Status;
import dev.lorikeet.cli.mlflow.MlflowServer;
import dev.lorikeet.cli.recipe.Origin;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.cli.report.WrittenAnswers;
import dev.lorikeet.cli.report.WrittenAnswers.Written;
import dev.lorikeet.cli.run.Telemetry.Phase;
import dev.lorikeet.cli.task.Asking;
import dev.lorikeet.cli.task.CommandTask;
import dev.lorikeet.cli.task.TaskData;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Answered;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Labelled;
import dev.lorikeet.transformer.metrics.Thresholds;
import dev.lorikeet.transformer.model.ModelName;
import dev.lorikeet.transformer.task.TargetWeights;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.Course;
import dev.lorikeet.transformer.training.DivergedException;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.Epoch;
import dev.lorikeet.transformer.training.StateFile.Saved;
import dev.lorikeet.transformer.training.Trainer;
import dev.lorikeet.transformer.training.TrainingListener;
import dev.lorikeet.transformer.training.TrainingResult;
import dev.lorikeet.transformer.training.Validation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
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
    private final RunDirectory files;
    private final Narrator narrator;
    private final Prepared<X, Y, P> begin;
    private final TaskData<X, Y, P> data;
    private TaskModel<X, Y, P> model;
    private final Run.Facts facts;
    private final Keeping keeping;
    private final List<Run.Baseline> baselines = new ArrayList<>();
    private final Telemetry telemetry;
    private @Nullable Written before;
    private @Nullable Written after;
    /** Null where nobody watches. */
    private @Nullable LiveRun live;
    private Tracker tracker = Tracker.NONE;

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
        RunBase base = new RunBase(recipe, compute);
        TaskData<?, ?, ?> data = telemetry.timed(Phase.LOAD,
                () -> MemoryException.during("reading " + RunWords.files(recipe), "",
                        () -> TaskData.read(recipe, base::model)));
        return new FineTuning<>(Prepared.of(recipe, recipeName, compute, files, narrator, data, base, telemetry),
                files, keeping, narrator, telemetry);
    }

    private FineTuning(Prepared<X, Y, P> begin, RunDirectory files, Keeping keeping, Narrator narrator,
            Telemetry telemetry) {
        this.recipe = begin.recipe();
        this.files = files;
        this.narrator = narrator;
        this.begin = begin;
        this.data = begin.data();
        this.model = begin.model();
        this.facts = begin.facts();
        this.keeping = keeping;
        this.telemetry = telemetry;
        files.saved().filter(saved -> RunOrigin.isTraining(saved.about()))
                .ifPresent(saved -> telemetry.goesOn(saved.state().done()));
    }

    /**
     * Trains and writes.
     *
     * @return the finished run
     * @throws InputException if the folder cannot be written
     * @throws DivergedException if training leaves the numbers; the last finished epoch is kept
     */
    public Run run() {
        Status ended = Status.FAILED;
        try {
            Run run = finished();
            ended = Status.FINISHED;
            return run;
        } catch (DivergedException e) {
            files.forget(); // whoever went on would come to the same end
            Path last = files.lastEpoch();
            throw last == null ? e
                    : new DivergedException(e.getMessage() + "; " + last + " holds the last finished epoch");
        } finally {
            tracker.end(ended);
        }
    }

    /** Has a server hear of the run. */
    public void trackOn(MlflowServer server) {
        tracker = new MlflowTracker(server, facts, files.name(), files.saved().orElse(null), narrator::untracked);
        files.whenStopped(() -> tracker.end(Status.KILLED));
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
        narrator.rehearsed(MemoryException.during("the first steps", ofBatches(), () -> Rehearsal.of(model,
                begin.train(), begin.evaluated(), begin.validation() == null ? null : begin.test(), recipe,
                begin.plan())), recipe, files.name());
    }

    /** Tries learning rates and suggests one, see {@link Trainer#findRate}; nothing is written. */
    public void findRate() {
        narrator.facts(facts);
        narrator.rates(MemoryException.during("trying rates", ofBatches(), () -> Trainer.of(model)
                .settings(recipe.training()).plan(begin.plan()).findRate(begin.train(), RATES)),
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
            data.task().baselines(begin.train(), begin.test(), recipe).forEach((name, evaluation) -> baseline(name,
                    name.equals(CommandTask.PROBE) ? model.head().parameterCount() : 0,
                    () -> MemoryException.during("running the " + name, "", evaluation)));
            before = answers(WrittenAnswers.BEFORE);
        } else {
            RunOrigin.baselines(saved.about()).forEach(this::add);
            before = RunOrigin.before(saved.about());
        }
        TrainingResult result = MemoryException.during("training", ofBatches(),
                () -> {
                    if (saved != null && RunOrigin.isTraining(saved.about())) {
                        begin.tuning().restore(RunOrigin.found(saved.about()));
                        return train(saved);
                    }
                    if (begin.known() == null) {
                        telemetry.timed(Phase.SEARCH, () -> begin.tuning().prepare(narrator,
                                saved == null ? null : saved.state(), () -> checkpoints(false)));
                    }
                    return train(null);
                });
        Run.Tested tested = data.validation() == null ? null : tested(result.best());
        if (tested != null) {
            tracker.tested(tested.evaluation());
            if (result.endedEarly()) {
                narrator.endsEarly(recipe.training().patience());
            }
        }
        after = answers(WrittenAnswers.AFTER);
        if (tested != null || after != null) {
            save(tested); // the model as it was chosen
        }
        files.finish();
        Run run = snapshot(tested);
        show(tested);
        narrator.finished(run, data.task(), files.name());
        return run;
    }

    /** Has the model answer test examples, where the recipe asks for that. */
    private @Nullable Written answers(String when) {
        Asking asking = begin.asking();
        if (asking == null) {
            return null;
        }
        narrator.asks(when, asking.asked().size());
        Written written = telemetry.timed(Phase.EVALUATE,
                () -> MemoryException.during("answering", "a smaller --num-beams needs less, ",
                        () -> asking.ask(model, narrator.terminal())));
        narrator.answered(asking.asked(), written);
        tracker.answered(when, written);
        return written;
    }

    private Run.Tested tested(@Nullable Validation best) {
        if (best != null && best.evaluation().details() instanceof Labelled said) {
            model = model.with(data.task().with(Thresholds.best(said.scores(), said.actual())));
        } else if (best != null && best.evaluation().details() instanceof Answered said && !said.found().isEmpty()
                && choosesThreshold()) {
            model = model.with(data.task().orNone(said.bestThreshold()));
        }
        EncodedDataset examples = new EncodedDataset(model, begin.test().examples(), TargetWeights.PLAIN);
        return new Run.Tested(best, telemetry.timed(Phase.EVALUATE,
                () -> examples.evaluate(recipe.training().batchSize(), new Workspace())));
    }

    /** Whether what is validated with chooses above which score there is no answer. */
    private boolean choosesThreshold() {
        return data.validation() != null && recipe.nullThreshold() == null;
    }

    private Checkpoints checkpoints(boolean training) {
        return new Checkpoints(files, keeping.steps(),
                () -> tracker.with(keeping.with(begin.origin().about(baselines, before, training))));
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
        tracker.baseline(baseline);
        show(null);
    }

    private TrainingResult train(@Nullable Saved saved) {
        Trainer<X, Y> trainer = Trainer.of(model).settings(recipe.training())
                .validation(begin.evaluated(), choosesThreshold() ? Evaluation::atBestThreshold
                        : UnaryOperator.identity())
                .plan(begin.plan());
        try (Progress progress = narrator.progress();
                Checkpoints checkpoints = checkpoints(true)) {
            trainer.listener(new TrainingListener() {
                @Override
                public void started(Course course) {
                    narrator.trainingBegins(course, recipe.training());
                    if (saved != null) {
                        narrator.resumed(saved.state().updates(), course.steps());
                        tracker.past(saved.state().done());
                        progress.past(saved.state().done().steps());
                    }
                }
            });
            trainer.listener(progress);
            trainer.listener(checkpoints);
            trainer.listener(telemetry);
            trainer.listener(tracker);
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
            return saved == null ? trainer.run(begin.train()) : trainer.resume(saved.state(), begin.train());
        }
    }

    private void save(Run.@Nullable Tested tested) {
        telemetry.timed(Phase.SAVE, () -> {
            Run run = snapshot(tested);
            files.replace(folder -> RunFiles.write(folder, model, run, begin.origin()));
        });
    }

    private Run snapshot(Run.@Nullable Tested tested) {
        Evaluation shown = tested != null ? tested.evaluation()
                : telemetry.epochs().isEmpty() ? null : telemetry.epochs().getLast().test();
        Examples<X, Y> examples = tested == null && data.validation() != null ? data.validation() : data.test();
        return new Run(facts, baselines, telemetry.steps(), telemetry.epochs(), telemetry.validations(),
                begin.tuning().layers(), begin.tuning().allocation(), tested,
                shown == null || shown.details() == null ? List.of() : data.task().mistakes(examples, shown.details()),
                begin.asking() == null ? null : new WrittenAnswers(begin.asking().asked(), before, after),
                telemetry.usage());
    }
}
