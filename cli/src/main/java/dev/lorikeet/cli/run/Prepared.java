package dev.lorikeet.cli.run;

import dev.lorikeet.autograd.nn.Buffer;
import dev.lorikeet.cli.recipe.Method;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.report.CommandLines;
import dev.lorikeet.cli.report.Environment;
import dev.lorikeet.cli.report.Metric;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.cli.run.Telemetry.Phase;
import dev.lorikeet.cli.task.Asking;
import dev.lorikeet.cli.task.TaskData;
import dev.lorikeet.lora.LoraOptimizer;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.StreamedExamples;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.Course;
import dev.lorikeet.transformer.training.EncodedDataset;
import dev.lorikeet.transformer.training.OptimizerPlan;
import dev.lorikeet.transformer.training.StateFile.Saved;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a run begins with: everything that a recipe names, read, checked and encoded, the adapters on the model.
 *
 * @param model as it is before the training
 * @param validation null where nothing chooses the best epoch
 * @param origin for checkpoints
 * @param known null while a search is to find the adapters
 * @param asking null where nothing is asked
 */
record Prepared<X, Y, P>(Recipe recipe, TaskData<X, Y, P> data, TaskModel<X, Y, P> model, EncodedDataset train,
        EncodedDataset test, @Nullable EncodedDataset validation, Tuning tuning, Run.Facts facts, RunOrigin origin,
        @Nullable OptimizerPlan known, @Nullable Asking asking) {
    /** Of a recipe, whose files are read already; as {@link FineTuning#of}. */
    static <X, Y, P> Prepared<X, Y, P> of(Recipe recipe, Path recipeName, Compute compute, RunDirectory files,
            Narrator narrator, TaskData<X, Y, P> data, RunBase base, Telemetry telemetry) {
        Asking asking = Asking.of(data.task(), data.test(), recipe);
        Task<X, Y, P> task = data.task().task();
        StartingPoint start = base.start();
        TaskModel<X, Y, P> model = telemetry.timed(Phase.LOAD, () -> base.model(task));
        if (data.train() instanceof StreamedExamples<X, Y> streamed) {
            narrator.streams(streamed.name());
        }
        EncodedDataset train = encoded(model, data.train(), telemetry);
        train.weighted(recipe.training()); // which is refused where there are no classes
        int total = Course.of(train, recipe.training()).steps();
        requireUpdates(recipe.training(), total, recipeName);
        EncodedDataset test = encoded(model, data.test(), telemetry);
        EncodedDataset validation = data.validation() == null ? null : encoded(model, data.validation(), telemetry);
        Tuning tuning = Tuning.of(model, train, recipe, recipeName, total, start);
        OptimizerPlan plan = recipe.method() instanceof Method.AutoLora ? null : optimizer(model, recipe);
        Saved saved = files.saved().orElse(null);
        RunOrigin origin = new RunOrigin(recipe, data.task().labels(), train.digest(), test.digest(),
                validation == null ? "" : validation.digest(), start == null ? "" : start.sha256(),
                model.model().hash() + " " + model.backbone().config(), tuning,
                saved == null ? ZonedDateTime.now().truncatedTo(ChronoUnit.SECONDS) : RunOrigin.started(saved.about()));
        Run.Facts facts = new Run.Facts(recipe, model.model().id(), RunWords.architecture(model),
                start == null ? null : start.facts(task), data.name(),
                train.size(), validation == null ? 0 : validation.size(), test.size(),
                new Run.Truncated(train.truncated(), test.truncated(), model.task().most(model.model())),
                Summaries.of(data, train, validation, test),
                new Run.Learned(RunWords.task(data.task().title(), model), data.task().outputs(),
                        data.task().labels(), new Metric(data.task().metric())),
                trained(model, recipe.method()),
                model.backbone().parameterCount() + model.head().parameterCount(), tuning.layers(),
                model.model().hash(),
                Environment.of(compute),
                origin.started(),
                CommandLines.of("finetune", "--recipe", files.name().resolve("recipe.yaml").toString(),
                        "--out", files.name() + "-again"));
        if (saved != null) {
            origin.requireSame(saved.about());
        }
        return new Prepared<>(recipe, data, model, train, test, validation, tuning, facts, origin, plan, asking);
    }

    private static <X, Y, P> EncodedDataset encoded(TaskModel<X, Y, P> model, Examples<X, Y> examples,
            Telemetry telemetry) {
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
    private static OptimizerPlan optimizer(TaskModel<?, ?, ?> model, Recipe recipe) {
        return LoraOptimizer.plan(model, recipe.training(), recipe.loraOptimizer());
    }

    /** What trains the adapters that are on the model. */
    OptimizerPlan plan() {
        return known == null ? optimizer(model, recipe) : known;
    }

    /** The examples that are evaluated after each epoch. */
    EncodedDataset evaluated() {
        return validation == null ? test : validation;
    }

    /** The numbers that are trained: the head whole, but where an adapter of all of the model says what of it is. */
    private static long trained(TaskModel<?, ?, ?> model, Method method) {
        boolean byAdapter = !(method instanceof Method.Full) && model.peftRoot() == model;
        return model.backbone().trainableCount() + (byAdapter ? model.head().trainableCount()
                : model.head().namedParameters().values().stream().filter(parameter -> !(parameter instanceof Buffer))
                        .mapToLong(parameter -> parameter.shape().size()).sum());
    }
}
