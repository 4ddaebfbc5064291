package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Mistake;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.data.DataSource;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Details;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.metrics.Thresholds;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.tokenizer.Encoding;
import dev.lorikeet.transformer.training.EncodedDataset;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A task as the command has it.
 *
 * @param <X> an input
 * @param <Y> a target
 * @param <P> a prediction
 */
public interface CommandTask<X, Y, P> {
    /** The baseline of a linear layer on the frozen model. */
    String PROBE = "frozen linear probe";

    /** The task of a model. */
    Task<X, Y, P> task();

    /**
     * The task with thresholds that were chosen.
     *
     * @throws IllegalStateException if there is nothing to be chosen
     */
    default Task<X, Y, P> with(Thresholds thresholds) {
        throw new IllegalStateException("thresholds: the task " + task().kind() + " has none");
    }

    /**
     * The task where a text may have no answer.
     *
     * @param threshold as {@link dev.lorikeet.transformer.task.QuestionAnswering#nullThreshold}
     * @throws InputException if it is another one
     */
    default Task<X, Y, P> orNone(double threshold) {
        throw new InputException("the model is for the task " + task().kind() + ", which finds no answers in texts");
    }

    /** This, which leaves out rows that {@code reader} has no room for, or refuses them, as a recipe says. */
    default CommandTask<X, Y, P> readBy(Model reader) {
        return this;
    }

    /** The model whose task this is: generics are not in files. */
    @SuppressWarnings("unchecked")
    default TaskModel<X, Y, P> of(TaskModel<?, ?, ?> model) {
        if (!model.task().equals(task())) {
            throw new IllegalArgumentException("task: the model is for " + model.task());
        }
        return (TaskModel<X, Y, P>) model;
    }

    /** What a recipe says of it, by the names of settings. */
    Map<String, String> settings();

    /** The names of the outputs, in their order; none of a task without. */
    List<String> labels();

    /** What people call it: {@code classification of pairs}. */
    String title();

    /** What the model is to tell: {@code 24 classes}. */
    String outputs();

    /** The metric by which runs are compared, see {@link dev.lorikeet.transformer.metrics.Evaluation#mainMetric}. */
    String metric();

    /** Examples to evaluate, whose targets the task knows. */
    Examples<X, Y> read(DataSource source, Recipe recipe);

    /** How many texts a user gives for an answer. */
    int texts();

    /** What they are called where no column has them. */
    default List<String> textNames() {
        return texts() == 1 ? List.of("text") : List.of("sentence1", "sentence2");
    }

    /** An input of so many texts. */
    X input(List<String> texts);

    /** How the model reads each text of an input. */
    List<Encoding> encodings(X input, Model model);

    /** What is to be beaten on {@code test}, by name and in the order of their cost. */
    Map<String, Supplier<Evaluation>> baselines(EncodedDataset train, EncodedDataset test, Recipe recipe);

    /** Examples of one stratum are spread evenly over the parts of a split; most targets have none. */
    default int stratum(Y target) {
        return 0;
    }

    /** What the targets are, as the rows of a table with a head. */
    List<List<String>> summary(Examples<X, Y> train, Examples<X, Y> test);

    /**
     * Some of the answers that are wrong, those from which most is to be learned first; none of a task whose answers
     * are neither right nor wrong.
     *
     * @param data the examples that were evaluated
     * @param details of an evaluation by {@link #task}
     */
    default List<Mistake> mistakes(Examples<X, Y> data, Details details) {
        return List.of();
    }

    /** Whether a model of it writes answers to what examples ask. */
    default boolean isWriting() {
        return false;
    }

    /** A target as a person reads it. */
    String show(Y target);

    /** Shows how the model reads an example. */
    default void preview(X input, Y target, Model model, Terminal terminal) {
        terminal.line(show(target));
        for (Encoding encoding : encodings(input, model)) {
            terminal.tokens(encoding.tokens());
            if (encoding.truncated() > 0) {
                terminal.line("  and " + Format.count(encoding.truncated(), "more, which is cut",
                        "more, which are cut"));
            }
        }
    }

    /** Shows an answer, a line for each output; of many the first {@code top}. */
    void tell(X input, P prediction, int top, Terminal terminal);

    /** An answer as fields of a JSON object. */
    Map<String, Object> json(X input, P prediction, int top);

    /**
     * Commands that try a run of it, as the arguments of {@code lorikeet}.
     *
     * @param run the folder of the run
     */
    default List<List<String>> tries(String run) {
        return List.of(texts() == 1 ? List.of("predict", "--run", run, "a text of your own")
                : List.of("predict", "--run", run, "a text of your own", "its partner"));
    }

    /** What the cells of an answer are called in a table. */
    default List<String> cellNames() {
        return List.of("answer");
    }

    /** An answer as the cells of a table. */
    default List<?> cells(P prediction) {
        return List.of(prediction);
    }

    /**
     * What the command knows of the task of a model.
     *
     * @throws InputException if it knows nothing of it
     */
    static CommandTask<?, ?, ?> of(Task<?, ?, ?> task) {
        for (RecipeTask each : RecipeTasks.ALL) {
            CommandTask<?, ?, ?> own = each.of(task);
            if (own != null) {
                return own;
            }
        }
        throw new InputException("the model is for the task " + task.kind() + ", which this command does not know");
    }
}
