package dev.lorikeet.cli;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.RecipeFile;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.MemoryException;
import dev.lorikeet.cli.task.CommandTask;
import dev.lorikeet.lora.peft.PeftTask;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.QuestionAnswering;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The folder that a run of {@code finetune} left, or {@code merge} made of it; or an adapter by itself. */
final class RunOption {
    @Option(names = "--run", paramLabel = "DIR", description = "The folder that finetune or merge wrote.")
    @Nullable
    private Path run;

    @Option(names = "--adapter", paramLabel = "DIR", description = "Instead, an adapter of PEFT's with a head; its "
            + "outputs are named by the id2label of a config.json beside it, or of the base model's.")
    @Nullable
    private Path adapter;

    @Option(names = "--labels", paramLabel = "NAME", split = ",", description = "With --adapter, the names of its "
            + "outputs in their order, with commas between.")
    @Nullable
    private List<String> labels;

    @Option(names = "--pairs", description = "With --adapter, it reads two texts together.")
    private boolean pairs;

    @Option(names = "--no-answer", description = "With --adapter, a text may have no answer to a question.")
    private boolean noAnswer;

    @Option(names = "--null-score-diff-threshold", paramLabel = "NUMBER", description = "Say that there is no answer "
            + "where its score is above that of the best answer by more than this (default: what the run found best, "
            + "and 0 with --no-answer).")
    @Nullable
    private Double threshold;

    @Mixin
    private BaseOption base = new BaseOption();

    /** That of the run, or of the adapter. */
    Path directory() {
        Path directory = run != null ? run : adapter;
        if (directory == null || run != null && adapter != null) {
            throw new InputException("--run: the folder of a run is expected, or an --adapter" + (directory == null ? ""
                    : ", not both"));
        }
        if (adapter == null && (labels != null || pairs)) {
            throw new InputException((pairs ? "--pairs" : "--labels") + ": is of an --adapter, a run says it itself");
        }
        if (adapter == null && noAnswer) {
            throw new InputException("--no-answer: is of an --adapter, a run says it itself");
        }
        if (threshold != null && !Double.isFinite(threshold)) {
            throw new InputException("--null-score-diff-threshold: must be finite, not " + threshold);
        }
        if (directory.toString().isBlank()) {
            throw new InputException((run != null ? "--run" : "--adapter") + ": must not be empty");
        }
        return directory;
    }

    /** What it is called. */
    String title() {
        return run != null ? "Run" : "Adapter";
    }

    /**
     * The model that was tuned, with its task.
     *
     * @throws InputException if the files are not there, or do not fit together
     */
    TaskModel<?, ?, ?> model(Compute compute, Terminal terminal) {
        return MemoryException.during("loading the model of " + directory(), "",
                () -> orNone(loaded(directory(), LoadOptions.STANDARD.with(compute), terminal)));
    }

    /** The model where a text may have no answer, if that was said. */
    private TaskModel<?, ?, ?> orNone(TaskModel<?, ?, ?> model) {
        Double given = threshold;
        if (given == null && !noAnswer) {
            return model;
        }
        if (!noAnswer && model.task() instanceof QuestionAnswering task && !task.noAnswer()) {
            throw new InputException("--null-score-diff-threshold: the model always answers" + (run == null
                    ? ", unless there is --no-answer"
                    : ""));
        }
        return orNone(model, CommandTask.of(model.task()), given == null ? 0 : given);
    }

    private static <X, Y, P> TaskModel<X, Y, P> orNone(TaskModel<?, ?, ?> model, CommandTask<X, Y, P> task,
            double threshold) {
        return task.of(model).with(task.orNone(threshold));
    }

    /** What the texts of an answer are called: as the columns of the run's own, where it has two of them. */
    List<String> textNames(CommandTask<?, ?, ?> task) {
        return task.texts() == 2 && hasRecipe() && recipe().data() instanceof Recipe.Files files
                && files.format().header() && files.text() != null && files.pair() != null
                        ? List.of(files.text(), files.pair())
                        : task.textNames();
    }

    private TaskModel<?, ?, ?> loaded(Path directory, LoadOptions options, Terminal terminal) {
        if (!Files.isDirectory(directory)) {
            throw new InputException(directory, run == null ? "--adapter" : "--run", "there is no such folder"
                    + (run == null ? "" : "; lorikeet finetune makes one"));
        }
        if (run == null) {
            return PeftTask.load(Model.load(base.of(directory, terminal), options), directory, pairs ? Reading.PAIR
                    : Reading.TEXT, labels);
        }
        Path own = directory.resolve("adapter");
        if (Files.exists(own)) {
            return TaskModel.load(directory, base.of(own, terminal), options);
        }
        if (base.given()) {
            throw new InputException(directory, "--model", "the model of this run is whole, it has no base");
        }
        return TaskModel.load(directory, options);
    }

    boolean hasRecipe() {
        return Files.exists(directory().resolve("recipe.yaml"));
    }

    /** @throws InputException if it is not there, or wrong */
    Recipe recipe() {
        return RecipeFile.read(directory().resolve("recipe.yaml"));
    }
}
