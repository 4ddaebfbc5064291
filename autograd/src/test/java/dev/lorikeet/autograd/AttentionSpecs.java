package dev.lorikeet.autograd;

import static dev.lorikeet.autograd.OpSpec.normal;
import static dev.lorikeet.autograd.SequenceSpecs.OFFSETS;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.lorikeet.autograd.OpSpec.Sample;
import dev.lorikeet.tensor.Attention;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** {@link SequenceOps#attention}, of every form. */
final class AttentionSpecs {
    private AttentionSpecs() {}

    static OpSpec attention() {
        return OpSpec.of("SequenceOps.attention",
                Stream.of(within(Attention.bidirectional(1), 1, OFFSETS),
                        within(Attention.bidirectional(1), 7, OFFSETS),
                        within(Attention.bidirectional(3), 5, OFFSETS), within(Attention.bidirectional(2), 8, 0, 17),
                        within(Attention.bidirectional(1), 17, 0, 33), within(Attention.bidirectional(3), 11, 0, 17),
                        within(Attention.bidirectional(2), 2, 0, 0, 3, 3, 5),
                        within(Attention.bidirectional(1), 2, 0, 70),
                        within(Attention.causal(1, 1), 7, OFFSETS), within(Attention.causal(4, 2), 4, OFFSETS),
                        within(Attention.causal(6, 2), 3, 0, 17), within(Attention.causal(2, 1), 1, 0, 70),
                        within(new Attention(2, 1, true, 0.3f), 3, 0, 9),
                        within(new Attention(2, 1, false, 0.3f), 17, 0, 1),
                        across(Attention.bidirectional(3), 5, new int[] {0, 17, 18, 25}, 1, 16, 17),
                        across(Attention.bidirectional(2), 7, new int[] {0, 2, 72}, 70, 3),
                        across(new Attention(4, 2, false, 0.3f), 3, new int[] {0, 0, 5}, 0, 2),
                        across(Attention.causal(4, 2), 3, new int[] {0, 1, 8, 10}, 7, 7, 70),
                        within(Attention.causal(2, 1).withWindow(1), 3, 0, 7),
                        within(Attention.causal(2, 1).withWindow(5), 3, 0, 4, 21),
                        within(Attention.causal(1, 1).withWindow(9), 2, 0, 150),
                        across(Attention.causal(4, 2).withWindow(6), 3, new int[] {0, 1, 8}, 80, 140),
                        within(Attention.bidirectional(2).withCap(0.5f), 5, 0, 17),
                        within(Attention.causal(4, 2).withScale(0.9f).withCap(2f).withWindow(7), 3, 0, 1, 18),
                        ofOneInput()))
                .refuses("attention: columns are not heads of one size: q (3, 5), k (3, 5), v (3, 5), 2 heads, 2 of "
                        + "keys",
                        (tape, x) -> attention(tape, Attention.bidirectional(2), x[0], x[0], x[0], 0, 3),
                        Tensor.zeros(3, 5))
                .refuses("attention: columns are not heads of one size: q (3, 4), k (3, 4), v (3, 4), 2 heads, 1 of "
                        + "keys",
                        (tape, x) -> attention(tape, Attention.causal(2, 1), x[0], x[0], x[0], 0, 3),
                        Tensor.zeros(3, 4))
                .refuses("attention: 2 offsets of queries, 3 of keys: q (3, 4), k (3, 4), v (3, 4), 2 heads, 2 of keys",
                        (tape, x) -> SequenceOps.attention(tape, Attention.bidirectional(2), x[0], x[0], x[0],
                                new int[] {0, 3}, new int[] {0, 1, 3}),
                        Tensor.zeros(3, 4));
    }

    private static Variable attention(Tape tape, Attention form, Variable q, Variable k, Variable v, int... offsets) {
        return SequenceOps.attention(tape, form, q, k, v, offsets, offsets);
    }

    static OpSpec relative() {
        return OpSpec
                .of("SequenceOps.attention",
                        Stream.of(relative(Attention.bidirectional(1).withScale(1f), 4, true, false, 0, 17),
                                relative(Attention.bidirectional(3), 5, true, true, 0, 1, 8, 23),
                                relative(Attention.bidirectional(2), 2, false, true, 0, 70),
                                relative(Attention.causal(4, 2), 3, true, true, 0, 16),
                                relative(Attention.causal(2, 2).withCap(1f).withWindow(4), 3, true, true, 0, 9, 20)))
                .refuses("relative scores: 2 distances, not -n … n", (tape, x) -> relative(tape, x, 0, 0),
                        Tensor.zeros(3, 4))
                .refuses("relative scores: (3, 4) for 3 queries in 2 heads, or a bucket that is not there",
                        (tape, x) -> relative(tape, x, 0, 1, 2), Tensor.zeros(3, 4));
    }

    private static Variable relative(Tape tape, Variable[] x, int... buckets) {
        return SequenceOps.attention(tape, Attention.bidirectional(2), x[0], x[0], x[0], new int[] {0, 3},
                new int[] {0, 3}, new RelativeTerms(x[0], null, buckets));
    }

    /** Terms by distance, which goes to -3 … 3 in five buckets. */
    private static Sample relative(Attention form, int d, boolean byQuery, boolean byKey, int... offsets) {
        int[] buckets = {4, 1, 2, 0, 3, 4, 2};
        int rows = offsets[offsets.length - 1];
        Tensor terms = normal("terms", rows, form.heads() * 5);
        Tensor others = normal("others", rows, form.heads() * 5);
        int last = byQuery && byKey ? 4 : 3;
        return Sample.of((tape, x) -> SequenceOps.attention(tape, form, x[0], x[1], x[2], offsets, offsets,
                new RelativeTerms(byQuery ? x[3] : null, byKey ? x[last] : null, buckets)),
                x -> attention(form, d, x[0], x[1], x[2], offsets, offsets,
                        (i, j, head, distance) -> {
                            int at = head * 5 + buckets[Math.clamp(distance, -3, 3) + 3];
                            Scalar sum = byQuery ? x[3][i * form.heads() * 5 + at] : Scalar.of(0);
                            return byKey ? sum.plus(x[last][j * form.heads() * 5 + at]) : sum;
                        }),
                (manager, x) -> attention(manager, form, d, x[0], x[1], x[2], offsets, offsets, s -> {
                    NDArray one = oneHot(manager, offsets[s + 1] - offsets[s], buckets, 5);
                    NDArray sum = PyTorch.number(manager, 0);
                    if (byQuery) {
                        sum = sum.add(heads(SequenceSpecs.rows(x[3], s, offsets), form.heads(), 5).expandDims(2)
                                .mul(one).sum(new int[] {3}));
                    }
                    return byKey ? sum.add(heads(SequenceSpecs.rows(x[last], s, offsets), form.heads(), 5)
                            .expandDims(1).mul(one).sum(new int[] {3})) : sum;
                }),
                Stream.concat(Stream.of(normal("q", rows, form.heads() * d), normal("k", rows, form.kvHeads() * d),
                        normal("v", rows, form.kvHeads() * d)),
                        Stream.of(byQuery ? terms : others, others).limit(byQuery && byKey ? 2 : 1))
                        .toArray(Tensor[]::new))
                .with(form + (byQuery ? " by query" : "") + (byKey ? " by key" : ""));
    }

    /** (queries, keys, count): 1 at the bucket of a distance. */
    private static NDArray oneHot(NDManager manager, int rows, int[] buckets, int count) {
        Tensor one = Tensor.zeros(rows, rows, count);
        int far = buckets.length / 2;
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < rows; j++) {
                one.data()[(i * rows + j) * count + buckets[Math.clamp(i - j, -far, far) + far]] = 1f;
            }
        }
        return PyTorch.array(manager, one);
    }

    /** What is added to the score of a query and a key. */
    private interface Added {
        /** @param distance of the query behind the key in their sequence */
        Scalar at(int query, int key, int head, int distance);
    }

    private static Sample ofOneInput() {
        Attention form = Attention.bidirectional(2);
        int[] offsets = {0, 7, 24};
        return Sample.of((tape, x) -> attention(tape, form, x[0], x[0], x[0], offsets),
                x -> attention(form, 8, x[0], x[0], x[0], offsets, offsets),
                (manager, x) -> attention(manager, form, 8, x[0], x[0], x[0], offsets, offsets),
                normal("x", 24, 16)).with("of one input");
    }

    private static Sample within(Attention form, int d, int... offsets) {
        return sample(form, d, offsets, offsets);
    }

    /** @param keys how many each sequence has */
    private static Sample across(Attention form, int d, int[] queryOffsets, int... keys) {
        int[] keyOffsets = new int[keys.length + 1];
        for (int s = 0; s < keys.length; s++) {
            keyOffsets[s + 1] = keyOffsets[s] + keys[s];
        }
        return sample(form, d, queryOffsets, keyOffsets);
    }

    private static Sample sample(Attention form, int d, int[] queryOffsets, int[] keyOffsets) {
        int queries = queryOffsets[queryOffsets.length - 1];
        int keys = keyOffsets[keyOffsets.length - 1];
        return Sample.of(
                (tape, x) -> SequenceOps.attention(tape, form, x[0], x[1], x[2], queryOffsets, keyOffsets),
                x -> attention(form, d, x[0], x[1], x[2], queryOffsets, keyOffsets),
                (manager, x) -> attention(manager, form, d, x[0], x[1], x[2], queryOffsets, keyOffsets),
                normal("q", queries, form.heads() * d), normal("k", keys, form.kvHeads() * d),
                normal("v", keys, form.kvHeads() * d)).with(form.toString());
    }

    private static double scale(Attention form, int d) {
        return form.scale() > 0 ? form.scale() : 1 / Math.sqrt(d);
    }

    private static Scalar[] attention(Attention form, int d, Scalar[] q, Scalar[] k, Scalar[] v, int[] queryOffsets,
            int[] keyOffsets) {
        return attention(form, d, q, k, v, queryOffsets, keyOffsets, (i, j, head, distance) -> Scalar.of(0));
    }

    private static Scalar[] attention(Attention form, int d, Scalar[] q, Scalar[] k, Scalar[] v, int[] queryOffsets,
            int[] keyOffsets, Added added) {
        Scalar[] out = new Scalar[q.length];
        int hidden = form.heads() * d;
        int kvHidden = form.kvHeads() * d;
        for (int s = 0; s < queryOffsets.length - 1; s++) {
            int start = keyOffsets[s];
            for (int i = queryOffsets[s]; i < queryOffsets[s + 1]; i++) {
                int later = form.causal() ? queryOffsets[s + 1] - i - 1 : 0;
                int end = keyOffsets[s + 1] - start - later;
                int first = form.window() == 0 ? 0 : Math.max(0, end - form.window());
                int place = keyOffsets[s + 1] - start - (queryOffsets[s + 1] - i);
                int row = i;
                for (int h = 0; h < form.heads(); h++) {
                    int head = h;
                    int query = i * hidden + head * d;
                    int key = start * kvHidden + head / (form.heads() / form.kvHeads()) * d;
                    Scalar[] weights = Naive.softmax(IntStream.range(first, end).mapToObj(
                            j -> capped(form, Naive.dot(d, q, query, 1, k, key + j * kvHidden, 1)
                                    .plus(added.at(row, start + j, head, place - j)).times(scale(form, d))))
                            .toArray(Scalar[]::new));
                    for (int c = 0; c < d; c++) {
                        out[query + c] = Naive.dot(end - first, weights, 0, 1, v, key + first * kvHidden + c, kvHidden);
                    }
                }
            }
        }
        return out;
    }

    private static Scalar capped(Attention form, Scalar score) {
        return form.cap() == 0 ? score : score.times(1 / form.cap()).tanh().times(form.cap());
    }

    private static NDArray attention(NDManager manager, Attention form, int d, NDArray q, NDArray k, NDArray v,
            int[] queryOffsets, int[] keyOffsets) {
        return attention(manager, form, d, q, k, v, queryOffsets, keyOffsets, s -> PyTorch.number(manager, 0));
    }

    /** @param added to the scores of a sequence */
    private static NDArray attention(NDManager manager, Attention form, int d, NDArray q, NDArray k, NDArray v,
            int[] queryOffsets, int[] keyOffsets, IntFunction<NDArray> added) {
        int shared = form.heads() / form.kvHeads();
        return SequenceSpecs.sequences(queryOffsets, s -> {
            int rows = queryOffsets[s + 1] - queryOffsets[s];
            NDArray queries = heads(SequenceSpecs.rows(q, s, queryOffsets), form.heads(), d);
            NDArray keys = heads(SequenceSpecs.rows(k, s, keyOffsets), form.kvHeads(), d).repeat(0, shared);
            NDArray values = heads(SequenceSpecs.rows(v, s, keyOffsets), form.kvHeads(), d).repeat(0, shared);
            NDArray scores = queries.matMul(keys.swapAxes(1, 2)).add(added.apply(s))
                    .mul(PyTorch.number(manager, scale(form, d)));
            if (form.cap() > 0) {
                scores = scores.div(PyTorch.number(manager, form.cap())).tanh()
                        .mul(PyTorch.number(manager, form.cap()));
            }
            if (form.causal()) {
                scores = scores.add(unseen(manager, form.window(), rows, keyOffsets[s + 1] - keyOffsets[s]));
            }
            return scores.softmax(-1).matMul(values).swapAxes(0, 1).reshape(rows, form.heads() * d);
        });
    }

    /** (rows, heads·d) to (heads, rows, d). */
    private static NDArray heads(NDArray x, int heads, int d) {
        return x.reshape(-1, heads, d).swapAxes(0, 1);
    }

    /** -∞ for the keys after the query's own, and out of its window; the last query belongs to the last key. */
    private static NDArray unseen(NDManager manager, int window, int queries, int keys) {
        Tensor unseen = Tensor.zeros(queries, keys);
        for (int i = 0; i < queries; i++) {
            int end = keys - queries + i + 1;
            int first = window == 0 ? 0 : Math.max(0, end - window);
            Arrays.fill(unseen.data(), i * keys, i * keys + first, Float.NEGATIVE_INFINITY);
            Arrays.fill(unseen.data(), i * keys + end, (i + 1) * keys, Float.NEGATIVE_INFINITY);
        }
        return PyTorch.array(manager, unseen);
    }
}
