package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Mistake;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.data.Examples;
import dev.lorikeet.transformer.data.Row;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.metrics.Details;
import dev.lorikeet.transformer.metrics.Labelled;
import dev.lorikeet.transformer.metrics.Thresholds;
import dev.lorikeet.transformer.task.MultiLabelClassification;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.Task;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.training.EncodedExamples;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Any number of labels of each input. */
record LabelSets<X>(MultiLabelClassification<X> task) implements SequenceWork<X, Set<Integer>, List<Prediction>> {
    @Override
    public MultiLabelClassification<X> with(Thresholds thresholds) {
        return task.with(thresholds);
    }

    @Override
    public TaskKind kind() {
        return TaskKind.MULTI_LABEL;
    }

    @Override
    public String plainTitle() {
        return "multi-label classification";
    }

    @Override
    public String outputs() {
        return Format.count(task.labels().size(), "label", "labels");
    }

    @Override
    public String metric() {
        return "f1_micro";
    }

    @Override
    public Examples<X, Set<Integer>> read(Table table, Columns columns) {
        return table.samples(input(columns), columns.labels(), row -> numbers(row, columns.separator()));
    }

    private Set<Integer> numbers(Row row, String separator) {
        Set<Integer> numbers = new TreeSet<>();
        for (String label : row.labels(0, separator)) {
            int number = task.labels().indexOf(label);
            if (number < 0) {
                throw row.error("unknown label " + Shown.value(label) + ", known are " + Shown.names(task.labels()));
            }
            numbers.add(number);
        }
        return numbers;
    }

    /** Examples whose labels are still names, as {@code task} has them. */
    private Examples<X, Set<Integer>> numbered(Examples<X, List<String>> named) {
        Map<String, Integer> numbers = new HashMap<>();
        task.labels().forEach(label -> numbers.put(label, numbers.size()));
        return named.targets("to " + task.labels(),
                own -> own.stream().map(numbers::get).collect(Collectors.toCollection(TreeSet::new)));
    }

    @Override
    public String constantName() {
        return "labels of most";
    }

    /** The logit of each label's share. */
    @Override
    public float[] constant(EncodedExamples train) {
        int[] counts = new int[task.labels().size()];
        for (int i = 0; i < train.size(); i++) {
            for (int label : train.get(i).classes()) {
                counts[label]++;
            }
        }
        float[] logits = new float[counts.length];
        for (int label = 0; label < logits.length; label++) {
            double share = Math.clamp((double) counts[label] / train.size(), 0.5 / train.size(),
                    1 - 0.5 / train.size());
            logits[label] = (float) StrictMath.log(share / (1 - share));
        }
        return logits;
    }

    @Override
    public int stratum(Set<Integer> target) {
        return target.hashCode();
    }

    @Override
    public List<List<String>> summary(Examples<X, Set<Integer>> train, Examples<X, Set<Integer>> test) {
        return Told.counts("label", task.labels(), count(train), count(test));
    }

    private int[] count(Examples<X, Set<Integer>> data) {
        int[] counts = new int[task.labels().size()];
        data.forEach((_, target) -> target.forEach(label -> counts[label]++));
        return counts;
    }

    @Override
    public List<Mistake> mistakes(Examples<X, Set<Integer>> data, Details details) {
        return Mistakes.of((Labelled) details, i -> text(data.input(i)));
    }

    @Override
    public String show(Set<Integer> target) {
        return target.isEmpty() ? "no label"
                : target.stream().map(task.labels()::get).collect(Collectors.joining(", "));
    }

    @Override
    public void tell(X input, List<Prediction> prediction, int top, Terminal terminal) {
        Told.probabilities(prediction.subList(0, Math.min(top, prediction.size())), terminal);
        List<String> said = said(prediction);
        terminal.line(said.isEmpty()
                ? "  none reaches " + (task.thresholds().areUsual() ? Format.percent(0.5) : "its threshold")
                : "  said: " + String.join(", ", said));
    }

    private List<String> said(List<Prediction> prediction) {
        return prediction.stream().filter(task::isSaid).map(Prediction::label)
                .toList();
    }

    @Override
    public List<String> cellNames() {
        return List.of("labels");
    }

    /** What is said, between commas, as such files are read by default. */
    @Override
    public List<?> cells(List<Prediction> prediction) {
        return List.of(String.join(",", said(prediction)));
    }

    @Override
    public Map<String, Object> json(X input, List<Prediction> prediction, int top) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("labels", said(prediction));
        json.put("predictions", Told.json(prediction.subList(0, Math.min(top, prediction.size()))));
        return json;
    }

    /** Of a column that has lists. */
    static final class OfRecipe extends LabelledTexts {
        @Override
        public TaskKind kind() {
            return TaskKind.MULTI_LABEL;
        }

        @Override
        <X> TaskData<X, ?, ?> read(FileExamples files, Reading<X> reading, Columns columns) {
            Examples<X, List<String>> named = files.examples(reading.columns(columns.inputs()), columns.labels(),
                    columns.separator(), row -> row.labels(0, columns.separator()));
            Set<String> labels = new TreeSet<>();
            named.forEach((_, own) -> labels.addAll(own));
            if (labels.isEmpty()) {
                throw new InputException(files.train().paths() + ": column \"" + columns.labels().getFirst()
                        + "\": no example has a label");
            }
            LabelSets<X> task = new LabelSets<>(Tasks.multiLabel(reading, List.copyOf(labels)));
            return files.with(task, task.numbered(named));
        }

        @Override
        public @Nullable CommandTask<?, ?, ?> of(Task<?, ?, ?> task) {
            return task instanceof MultiLabelClassification<?> labels ? new LabelSets<>(labels) : null;
        }
    }
}
