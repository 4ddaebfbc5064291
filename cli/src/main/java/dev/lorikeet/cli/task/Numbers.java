package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Mistake;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.Row;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.io.Printable;
import dev.lorikeet.transformer.metrics.Details;
import dev.lorikeet.transformer.metrics.Fit;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.SequenceRegression;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.EncodedExamples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Numbers of each input. */
record Numbers<X>(SequenceRegression<X> task) implements SequenceWork<X, float[], float[]> {
    @Override
    public TaskKind kind() {
        return TaskKind.REGRESSION;
    }

    @Override
    public String plainTitle() {
        return "regression";
    }

    @Override
    public String outputs() {
        return task.labels().size() == 1 ? "the number " + task.labels().getFirst()
                : Format.count(task.labels().size()) + " numbers";
    }

    @Override
    public String metric() {
        return "r2";
    }

    @Override
    public Examples<X, float[]> read(Table table, Columns columns) {
        return table.samples(input(columns), columns.labels(), row -> numbers(row, columns));
    }

    private static float[] numbers(Row row, Columns columns) {
        float[] numbers = new float[columns.labels().size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = row.number(i);
        }
        return numbers;
    }

    @Override
    public String constantName() {
        return "mean of training";
    }

    /** The mean, where logits are 0: the task takes it from the numbers. */
    @Override
    public float[] constant(EncodedExamples train) {
        return new float[task.labels().size()];
    }

    /** Quantiles are numbers that examples have. */
    @Override
    public List<List<String>> summary(Examples<X, float[]> train, Examples<X, float[]> test) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("number", "", "least", "median", "mean", "most"));
        for (int i = 0; i < task.labels().size(); i++) {
            rows.add(row(i, "train", train));
            rows.add(row(i, "test", test));
        }
        return rows;
    }

    private List<String> row(int name, String part, Examples<X, float[]> data) {
        DoubleStream.Builder all = DoubleStream.builder();
        data.forEach((_, target) -> all.add(target[name]));
        double[] numbers = all.build().sorted().toArray();
        return List.of(task.labels().get(name), part, Format.number(numbers[0]),
                Format.number(numbers[(numbers.length - 1) / 2]),
                Format.number(Arrays.stream(numbers).average().orElseThrow()),
                Format.number(numbers[numbers.length - 1]));
    }

    @Override
    public List<Mistake> mistakes(Examples<X, float[]> data, Details details) {
        return Mistakes.of((Fit) details, i -> text(data.input(i)));
    }

    @Override
    public String show(float[] target) {
        return IntStream.range(0, target.length).mapToObj(i -> task.labels().get(i) + " " + Format.number(target[i]))
                .collect(Collectors.joining(", "));
    }

    @Override
    public void tell(X input, float[] prediction, int top, Terminal terminal) {
        int width = task.labels().stream().map(Printable::of).mapToInt(String::length).max().orElse(0);
        for (int i = 0; i < prediction.length; i++) {
            String label = Printable.of(task.labels().get(i));
            terminal.line("  " + label + " ".repeat(width - label.length()) + "  " + Format.predicted(prediction[i]));
        }
    }

    @Override
    public List<String> cellNames() {
        return task.labels();
    }

    @Override
    public List<?> cells(float[] prediction) {
        return IntStream.range(0, prediction.length).mapToObj(i -> prediction[i]).toList();
    }

    @Override
    public Map<String, Object> json(X input, float[] prediction, int top) {
        Map<String, Object> numbers = new LinkedHashMap<>();
        for (int i = 0; i < prediction.length; i++) {
            numbers.put(task.labels().get(i), prediction[i]);
        }
        return Map.of("numbers", numbers);
    }

    /** Of a column that has decimals, or of several. */
    static final class OfRecipe extends LabelledTexts {
        @Override
        public TaskKind kind() {
            return TaskKind.REGRESSION;
        }

        @Override
        <X> TaskData<X, ?, ?> read(FileExamples files, Reading<X> reading, Columns columns) {
            Examples<X, float[]> train = files.examples(reading.columns(columns.inputs()), columns.labels(),
                    columns.separator(), row -> numbers(row, columns));
            List<Set<Float>> different = columns.labels().stream().<Set<Float>>map(_ -> new TreeSet<>()).toList();
            train.forEach((_, own) -> {
                for (int i = 0; i < own.length; i++) {
                    if (different.get(i).size() < 2) {
                        different.get(i).add(own[i]);
                    }
                }
            });
            for (int i = 0; i < different.size(); i++) {
                files.requireSeveral(List.copyOf(different.get(i)), "column \"" + columns.labels().get(i)
                        + "\": every example has ");
            }
            return files.with(new Numbers<>(Tasks.regression(reading, names(files.files()), train)), train);
        }

        /** Without a header, columns have no names. */
        private static List<String> names(Recipe.Files files) {
            return files.format().header() ? files.labels()
                    : files.labels().stream().map(number -> "column " + number).toList();
        }

        @Override
        public @Nullable CommandTask<?, ?, ?> of(Task<?, ?, ?> task) {
            return task instanceof SequenceRegression<?> numbers ? new Numbers<>(numbers) : null;
        }
    }
}
