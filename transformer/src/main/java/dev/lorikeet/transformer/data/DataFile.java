package dev.lorikeet.transformer.data;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Shown;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.function.Consumer;
import java.util.function.ToIntBiFunction;
import java.util.stream.IntStream;

/**
 * A {@link Table} of inputs, each with the label of its class. It takes the memory of the examples that are kept.
 *
 * @param <X> an input
 */
public final class DataFile<X> {
    /** So few may be labels that occur once each. */
    private static final int FEW_LABELS = 100;
    /** So many are looked at before the end of the file. */
    private static final int MANY_LABELS = 100_000;

    private final Table table;
    private final Input<X> input;
    private final String labelColumn;

    /** A file that is read when its examples are asked for. */
    public DataFile(Table table, Input<X> input, String labelColumn) {
        this.table = table;
        this.input = input;
        this.labelColumn = labelColumn;
    }

    /** All examples in the file's order, with the labels that are in the file, sorted. */
    public static Dataset<String> read(Path file, String textColumn, String labelColumn) {
        return of(file, textColumn, labelColumn).read();
    }

    /** All examples in the file's order, with labels that are known before. */
    public static Dataset<String> read(Path file, String textColumn, String labelColumn, List<String> knownLabels) {
        return of(file, textColumn, labelColumn).read(knownLabels);
    }

    private static DataFile<String> of(Path file, String textColumn, String labelColumn) {
        return new DataFile<>(new Table(file, TableFormat.STANDARD), Input.text(textColumn), labelColumn);
    }

    /**
     * All examples in the file's order, with the labels that are in the file, sorted.
     *
     * @throws InputException if the file is missing, no file or no text, of an unknown ending, without an example,
     *             lacks a column, has a line with too few or too many fields, a carriage return alone, an empty text or
     *             label, if nearly every row has a label of its own, or if the texts take more than half of the memory
     */
    public Dataset<X> read() {
        KeptText kept = keptText();
        List<X> inputs = new ArrayList<>();
        Labels labels = new Labels();
        rows(item -> {
            inputs.add(item.input);
            kept.add(item.row);
            add(item, labels, kept);
        });
        requireClasses(labels);
        int[] classes = labels.indices();
        return dataset(IntStream.range(0, classes.length).mapToObj(i -> new Example<>(inputs.get(i), classes[i]))
                .toList(), labels.sorted());
    }

    /**
     * All examples in the file's order.
     *
     * @param knownLabels the labels there may be, in the order of their numbers
     * @throws InputException as {@link #read()}, or if there is a label that is not known
     */
    public Dataset<X> read(List<String> knownLabels) {
        KeptText kept = keptText();
        Map<String, Integer> indices = Labels.indexed(knownLabels);
        List<Example<X>> examples = new ArrayList<>();
        rows((row, label) -> index(row, label, indices, knownLabels), item -> {
            examples.add(new Example<>(item.input, item.index));
            kept.add(item.row);
        });
        return dataset(examples, knownLabels);
    }

    /**
     * At most {@code limit} examples in the file's order, of each class its share, with the labels of the whole file,
     * sorted; a class has none only where there are more classes than the limit. The file is read twice, and no more of
     * it is kept than the sample.
     *
     * @param limit at least 1
     * @param seed of the sample: the same one draws the same examples
     * @throws InputException as {@link #read()}
     */
    public Dataset<X> sample(int limit, long seed) {
        KeptText kept = keptText();
        Labels labels = new Labels();
        rows(item -> add(item, labels, kept));
        requireClasses(labels);
        List<String> sorted = labels.sorted();
        int[] classes = labels.indices();
        BitSet drawn = ClassSample.of(classes, sorted, limit, seed);
        List<Example<X>> examples = new ArrayList<>();
        PrimitiveIterator.OfInt numbers = IntStream.range(0, classes.length).iterator();
        rows(item -> {
            int i = numbers.hasNext() ? numbers.nextInt() : -1;
            if (i < 0 || !sorted.get(classes[i]).equals(item.label)) {
                throw item.row.error("the file changed while it was read");
            }
            if (drawn.get(i)) {
                examples.add(new Example<>(item.input, classes[i]));
                kept.add(item.row);
            }
        });
        return dataset(examples, sorted);
    }

    /**
     * The labels that are in the file, sorted.
     *
     * @throws InputException as {@link #read()}, but for what the memory can hold
     */
    public List<String> labels() {
        KeptText kept = keptText();
        Labels labels = new Labels();
        rows(item -> add(item, labels, kept));
        if (labels.rows() == 0) {
            throw table.error("examples", "there are none");
        }
        requireClasses(labels);
        return labels.sorted();
    }

    /**
     * All examples in the file's order, read whenever somebody goes through them.
     *
     * @param knownLabels the labels there may be, in the order of their numbers
     */
    public StreamedExamples<X, Integer> stream(List<String> knownLabels) {
        Map<String, Integer> indices = Labels.indexed(knownLabels);
        return table.stream(input, List.of(labelColumn), "to " + knownLabels,
                row -> index(row, row.label(0), indices, knownLabels));
    }

    private static int index(Row row, String label, Map<String, Integer> indices, List<String> knownLabels) {
        Integer index = indices.get(label);
        if (index == null) {
            throw row.error("unknown label " + Shown.value(label) + ", known are " + Shown.names(knownLabels));
        }
        return index;
    }

    private void add(Item<X> item, Labels labels, KeptText kept) {
        if (labels.add(item.label)) {
            kept.add(item.label, item.row::error);
            if (labels.size() == MANY_LABELS) {
                requireClasses(labels);
            }
        }
    }

    /** A column of numbers or texts, taken for the labels' by mistake, has nearly as many values as rows. */
    private void requireClasses(Labels labels) {
        if (labels.size() >= FEW_LABELS && labels.size() > 0.9 * labels.rows()) {
            throw table.error("column " + Shown.value(labelColumn), "has " + labels.size()
                    + " different values in " + labels.rows() + " rows: these are no classes; which column has them?");
        }
    }

    private static KeptText keptText() {
        return new KeptText(Runtime.getRuntime().maxMemory());
    }

    private Dataset<X> dataset(List<Example<X>> examples, List<String> labels) {
        if (examples.isEmpty()) {
            throw table.error("examples", "there are none");
        }
        return new Dataset<>(table.name(), examples, labels);
    }

    /**
     * What is made of a row.
     *
     * @param row the columns of the input alone
     * @param index of the label, where labels are known; else -1
     */
    private record Item<X>(Row row, X input, String label, int index) {}

    private void rows(Consumer<Item<X>> reader) {
        rows((_, _) -> -1, reader);
    }

    private void rows(ToIntBiFunction<Row, String> index, Consumer<Item<X>> reader) {
        int inputs = input.columns().size();
        List<String> columns = new ArrayList<>(input.columns());
        columns.add(labelColumn);
        table.rows(columns, row -> {
            Row own = row.to(inputs);
            X made = input.reader().apply(own); // what is wrong with it is told before what is wrong with the label
            String label = row.label(inputs);
            return new Item<>(own, made, label, index.applyAsInt(row, label));
        }, item -> {
            reader.accept(item);
            return true;
        });
    }
}
