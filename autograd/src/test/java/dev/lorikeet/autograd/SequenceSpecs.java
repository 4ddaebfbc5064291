package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OpSpec.normal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import dev.lorikeet.autograd.OpSpec.Sample;
import dev.lorikeet.tensor.Rotary;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** {@link SequenceOps}, over sequences packed one behind the other. */
final class SequenceSpecs {
    /** Sequences of 1, 7, 15 and 16 rows. */
    static final int[] OFFSETS = {0, 1, 8, 23, 39};
    private static final int[] SIZES = {1, 7, 15, 16, 17, 33, 1000};

    private SequenceSpecs() {}

    static List<OpSpec> all() {
        return List.of(embedding(), frozenEmbedding(), embeddingColumns(), mean(), first(), rotary(),
                AttentionSpecs.attention(), AttentionSpecs.relative());
    }

    private static OpSpec embedding() {
        int[] index = {2, 0, 6, 2, 5, 0, 2};
        return OpSpec.of("SequenceOps.embedding", sizes(n -> Stream.of(
                embedding(n, SequenceOps.NO_PADDING, index).with("of"), embedding(n, 2, index).with("with padding of"),
                embedding(n, 0).with("nothing of"))))
                .refuses("embedding: index -1 is not one of 4 rows",
                        (tape, x) -> SequenceOps.embedding(tape, x[0], new int[] {0, -1}, 0), Tensor.zeros(4, 3))
                .refuses("embedding: a matrix expected, x (4)",
                        (tape, x) -> SequenceOps.embedding(tape, x[0], new int[] {0}, 0), Tensor.zeros(4))
                .refuses("embedding: index 4 is not one of 4 rows",
                        (tape, x) -> SequenceOps.embedding(tape, x[0], new int[] {0, 4}, 0), Tensor.zeros(4, 3));
    }

    /** Beside a term that gets a gradient, since a frozen table gets none. */
    private static OpSpec frozenEmbedding() {
        int[] index = {2, 0, 6, 2, 5, 0, 2};
        return OpSpec.of("SequenceOps.embedding", sizes(n -> {
            Tensor table = normal("table", 7, n);
            return Stream.of(Sample.of((tape, x) -> ElementOps.add(tape, x[0], SequenceOps.embedding(tape,
                    tape.compute().take(table, WeightFormat.F32), index)),
                    x -> IntStream.range(0, index.length * n).mapToObj(i -> x[0][i].plus(
                            Scalar.of(table.data()[index[i / n] * n + i % n]))).toArray(Scalar[]::new),
                    (manager, x) -> x[0].add(lookUp(manager, PyTorch.array(manager, table), index)),
                    normal("x", index.length, n)));
        })).refuses("embedding: index 4 is not one of 4 rows", (tape, x) -> ElementOps.add(tape, x[0],
                SequenceOps.embedding(tape, tape.compute().take(Tensor.zeros(4, 3), WeightFormat.F32),
                        new int[] {4})),
                Tensor.zeros(1, 3));
    }

    private static OpSpec embeddingColumns() {
        int[] index = {2, 0, 6, 2, 5, 0, 2};
        return OpSpec.of("SequenceOps.embeddingColumns", sizes(n -> Stream.of(
                columns(n, SequenceOps.NO_PADDING, index).with("of"), columns(n, 2, index).with("with padding of"),
                columns(n, 0).with("nothing of"))))
                .refuses("embeddingColumns: index 4 is not one of 4 rows",
                        (tape, x) -> SequenceOps.embeddingColumns(tape, x[0], new int[] {4}, 0), Tensor.zeros(3, 4))
                .refuses("embeddingColumns: a matrix expected, x (4)",
                        (tape, x) -> SequenceOps.embeddingColumns(tape, x[0], new int[] {0}, 0), Tensor.zeros(4));
    }

    /** The column of padding does not move. */
    private static Sample columns(int n, int padding, int... index) {
        Tensor table = normal("table", n, 7);
        Tensor moving = Tensor.zeros(n, 7);
        Tensor held = table.copy();
        for (int i = 0; i < table.size(); i++) {
            moving.data()[i] = i % 7 == padding ? 0 : 1;
            held.data()[i] *= 1 - moving.data()[i];
        }
        return Sample.of((tape, x) -> SequenceOps.embeddingColumns(tape, x[0], index, padding),
                x -> IntStream.range(0, index.length * n).map(i -> i % n * 7 + index[i / n])
                        .mapToObj(i -> i % 7 == padding ? Scalar.of(held.data()[i]) : x[0][i]).toArray(Scalar[]::new),
                (manager, x) -> lookUp(manager, x[0].mul(PyTorch.array(manager, moving)).add(
                        PyTorch.array(manager, held)).transpose(), index),
                table);
    }

    private static Stream<Sample> sizes(IntFunction<Stream<Sample>> samples) {
        return Arrays.stream(SIZES).boxed().flatMap(samples::apply);
    }

    /** The row of padding does not move. */
    private static Sample embedding(int n, int padding, int... index) {
        Tensor table = normal("table", 7, n);
        Tensor moving = Tensor.zeros(7, n);
        Tensor held = table.copy();
        for (int i = 0; i < table.size(); i++) {
            moving.data()[i] = i / n == padding ? 0 : 1;
            held.data()[i] *= 1 - moving.data()[i];
        }
        return Sample.of((tape, x) -> SequenceOps.embedding(tape, x[0], index, padding),
                x -> gather(IntStream.range(0, table.size())
                        .mapToObj(i -> i / n == padding ? Scalar.of(held.get(i / n, i % n)) : x[0][i])
                        .toArray(Scalar[]::new), n, index),
                (manager, x) -> lookUp(manager, x[0].mul(PyTorch.array(manager, moving)).add(
                        PyTorch.array(manager, held)), index),
                table);
    }

    private static Scalar[] gather(Scalar[] table, int n, int... index) {
        return Naive.pick(table, IntStream.range(0, index.length * n).map(i -> index[i / n] * n + i % n));
    }

    private static NDArray lookUp(NDManager manager, NDArray table, int... index) {
        NDArray ids = manager.create(Arrays.stream(index).asLongStream().toArray());
        return Embedding.embedding(ids, table, SparseFormat.DENSE).singletonOrThrow();
    }

    private static OpSpec mean() {
        return OpSpec.of("SequenceOps.mean",
                sizes(n -> Stream.of(Sample.of((tape, x) -> SequenceOps.mean(tape, x[0], OFFSETS),
                        x -> IntStream.range(0, OFFSETS.length - 1).boxed()
                                .flatMap(s -> IntStream.range(0, n).mapToObj(j -> Naive.mean(Naive.pick(x[0],
                                        IntStream.range(OFFSETS[s], OFFSETS[s + 1]).map(i -> i * n + j)))))
                                .toArray(Scalar[]::new),
                        (_, x) -> sequences(OFFSETS, s -> rows(x[0], s, OFFSETS).mean(new int[] {0}, true)),
                        normal("x", 39, n)))))
                .refuses("mean: offsets [0, 2] for x (3, 4)",
                        (tape, x) -> SequenceOps.mean(tape, x[0], new int[] {0, 2}), Tensor.zeros(3, 4));
    }

    private static OpSpec first() {
        return OpSpec.of("SequenceOps.first",
                sizes(n -> Stream.of(Sample.of((tape, x) -> SequenceOps.first(tape, x[0], OFFSETS),
                        x -> gather(x[0], n, 0, 1, 8, 23), (manager, x) -> lookUp(manager, x[0], 0, 1, 8, 23),
                        normal("x", 39, n)))))
                .refuses("first: offsets [0, 4] for x (3, 4)",
                        (tape, x) -> SequenceOps.first(tape, x[0], new int[] {0, 4}), Tensor.zeros(3, 4));
    }

    /** The rows of sequence s. */
    static NDArray rows(NDArray x, int s, int... offsets) {
        return x.get(new NDIndex("{}:{}", offsets[s], offsets[s + 1]));
    }

    /** What {@code function} gives for each sequence that is not empty, one behind the other. */
    static NDArray sequences(int[] offsets, IntFunction<NDArray> function) {
        NDArray[] parts = IntStream.range(0, offsets.length - 1).filter(s -> offsets[s] < offsets[s + 1])
                .mapToObj(function).toArray(NDArray[]::new);
        return PyTorch.concat(0, parts);
    }

    private static OpSpec rotary() {
        int[] positions = {0, 1, 2, 0, 1, 16, 3};
        return OpSpec.of("SequenceOps.rotary", Stream.of(Rotary.Order.values()).flatMap(
                order -> Stream.of(rotary(order, 1, 2, 2, positions), rotary(order, 3, 6, 6, positions),
                        rotary(order, 2, 17, 10, positions), rotary(order, 1, 33, 32, 5),
                        rotary(order, 10, 100, 60, 7))))
                .refuses("rotary: (2, 6) in 4 heads at 2 positions, tables (3, 1)",
                        (tape, x) -> SequenceOps.rotary(tape, Rotary.of(new float[1], 3, Rotary.Order.HALVES), x[0],
                                new int[] {0, 1}, 4),
                        Tensor.zeros(2, 6))
                .refuses("rotary: position 3, tables (3, 1)",
                        (tape, x) -> SequenceOps.rotary(tape, Rotary.of(new float[1], 3, Rotary.Order.HALVES), x[0],
                                new int[] {0, 3}, 1),
                        Tensor.zeros(2, 6));
    }

    private static Sample rotary(Rotary.Order order, int heads, int d, int turned, int... positions) {
        Rotary rotary = Rotary.of(Rotary.frequencies(turned, 10_000), 17, order);
        return Sample.of((tape, x) -> SequenceOps.rotary(tape, rotary, x[0], positions, heads),
                x -> rotary(rotary, x[0], positions, heads, d),
                (manager, x) -> rotary(manager, rotary, x[0], positions, heads, d),
                normal("x", positions.length, heads * d)).with(order + " " + turned + " of " + d + " in");
    }

    private static Scalar[] rotary(Rotary rotary, Scalar[] x, int[] positions, int heads, int d) {
        Scalar[] y = x.clone();
        for (int head = 0; head < positions.length * heads; head++) {
            for (int j = 0; j < rotary.cos().dim(1); j++) {
                boolean halves = rotary.order() == Rotary.Order.HALVES;
                int a = head * d + (halves ? j : 2 * j);
                int b = halves ? a + rotary.cos().dim(1) : a + 1;
                double cos = rotary.cos().get(positions[head / heads], j);
                double sin = rotary.sin().get(positions[head / heads], j);
                y[a] = x[a].times(cos).minus(x[b].times(sin));
                y[b] = x[b].times(cos).plus(x[a].times(sin));
            }
        }
        return y;
    }

    private static NDArray rotary(NDManager manager, Rotary rotary, NDArray x, int[] positions, int heads, int d) {
        int pairs = rotary.cos().dim(1);
        boolean halves = rotary.order() == Rotary.Order.HALVES;
        NDArray cos = lookUp(manager, PyTorch.array(manager, rotary.cos()), positions).expandDims(1);
        NDArray sin = lookUp(manager, PyTorch.array(manager, rotary.sin()), positions).expandDims(1);
        NDArray all = x.reshape(positions.length, heads, d);
        String step = halves ? "" : ":2";
        NDArray a = all.get(new NDIndex(":, :, 0:" + (halves ? pairs : 2 * pairs) + step));
        NDArray b = all.get(new NDIndex(":, :, " + (halves ? pairs : 1) + ":" + 2 * pairs + step));
        NDArray first = a.mul(cos).sub(b.mul(sin));
        NDArray second = b.mul(cos).add(a.mul(sin));
        NDArray turned = halves ? PyTorch.concat(2, first, second)
                : NDArrays.stack(new NDList(first, second), 3).reshape(positions.length, heads, 2L * pairs);
        return (d == 2 * pairs ? turned
                : PyTorch.concat(2, turned, all.get(new NDIndex(":, :, " + 2 * pairs + ":"))))
                .reshape(positions.length, heads * d);
    }
}
