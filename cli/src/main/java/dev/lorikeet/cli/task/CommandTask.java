package dev.lorikeet.cli.task;

import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.Input;
import dev.lorikeet.transformer.data.TableFile;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.metrics.Evaluation;
import dev.lorikeet.transformer.task.Meter;
import dev.lorikeet.transformer.task.MultiLabelClassification;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.SequenceClassification;
import dev.lorikeet.transformer.task.SequenceRegression;
import dev.lorikeet.transformer.task.SequenceTask;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.training.EncodedDataset;
import java.util.List;
import java.util.Map;

/**
 * A task as the command has it.
 *
 * @param <X> an input
 * @param <Y> a target
 * @param <P> a prediction
 */
public sealed interface CommandTask<X, Y, P> permits Classes, LabelSets, Numbers {
    /** The task of a model. */
    SequenceTask<X, Y, P> task();

    /** The model whose task this is: generics are not in files. */
    @SuppressWarnings("unchecked")
    default TaskModel<X, Y, P> of(TaskModel<?, ?, ?> model) {
        if (!model.task().equals(task())) {
            throw new IllegalArgumentException("task: the model is for " + model.task());
        }
        return (TaskModel<X, Y, P>) model;
    }

    /** How an input is read. */
    default Reading<X> reading() {
        return task().reading();
    }

    /** What people call it: {@code classification of pairs}. */
    String title();

    /** What the model is to tell: {@code 24 classes}. */
    String outputs();

    /** The metric by which runs are compared, see {@link dev.lorikeet.transformer.metrics.Evaluation#mainMetric}. */
    String metric();

    /** Examples to evaluate, whose targets the task knows. */
    Examples<X, Y> read(TableFile file, Columns columns);

    /** What says the same of every input is called. */
    String constantName();

    /** The logits that say the same of every input, whatever it is, and so the best of {@code train}. */
    float[] constant(Examples<X, Y> train);

    /** What saying {@link #constant} of every one of {@code test} is worth. */
    default Evaluation constant(Examples<X, Y> train, EncodedDataset test) {
        float[] logits = constant(train);
        Tensor rows = Tensor.zeros(test.size(), logits.length);
        for (int i = 0; i < test.size(); i++) {
            System.arraycopy(logits, 0, rows.data(), i * logits.length, logits.length);
        }
        Meter meter = task().meter();
        meter.add(rows, test.examples());
        return meter.result(0);
    }

    /** Examples of one stratum are spread evenly over the parts of a split. */
    int stratum(Y target);

    /** What the targets are, as the rows of a table with a head. */
    List<List<String>> summary(Examples<X, Y> train, Examples<X, Y> test);

    /** A target as a person reads it. */
    String show(Y target);

    /** Shows an answer, a line for each output; of many the first {@code top}. */
    void tell(P prediction, int top, Terminal terminal);

    /** An answer as fields of a JSON object. */
    Map<String, Object> json(P prediction, int top);

    /** {@code title} for texts, {@code title of pairs} for others. */
    static String title(String title, Reading<?> reading) {
        return reading.equals(Reading.TEXT) ? title : title + " of " + reading + "s";
    }

    /** Inputs in the columns of a file. */
    default Input<X> input(Columns columns) {
        return reading().columns(columns.inputs());
    }

    /**
     * What the command knows of the task of a model.
     *
     * @throws InputException if it knows nothing of it
     */
    static CommandTask<?, ?, ?> of(Task<?, ?, ?> task) {
        return switch (task) {
            case SequenceClassification<?> classes -> new Classes<>(classes);
            case MultiLabelClassification<?> labels -> new LabelSets<>(labels);
            case SequenceRegression<?> numbers -> new Numbers<>(numbers);
            default -> throw new InputException("the model is for the task " + task.kind()
                    + ", which this command does not know");
        };
    }
}
