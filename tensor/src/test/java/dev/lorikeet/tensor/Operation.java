package dev.lorikeet.tensor;

import static dev.lorikeet.tensor.kernel.Values.ORDINARY;
import static dev.lorikeet.tensor.kernel.Values.unset;

import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.OptimizerSteps.AdamW;
import dev.lorikeet.tensor.packed.Epilogue;
import dev.lorikeet.tensor.packed.PackedMatrix;
import dev.lorikeet.tensor.packed.PackedProduct;
import dev.lorikeet.tensor.packed.StoredWeight;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The public operations on inputs that are always the same, at sizes that fill several tasks and leave a rest. */
public enum Operation {
    PACKED(compute -> {
        Tensor c = unset(103, 149);
        PackedProduct.multiply(compute, ORDINARY.tensor(0, 103, 401), packed(compute),
                Epilogue.none().withBias(ORDINARY.tensor(2, 149)), c, false);
        return List.of(c);
    }),

    PACKED_WITH_LOW_RANK(compute -> {
        Tensor c = ORDINARY.tensor(3, 103, 149);
        Epilogue lowRank = Epilogue.none().withLowRank(ORDINARY.tensor(4, 103, 5), ORDINARY.tensor(5, 5, 149));
        PackedProduct.multiply(compute, ORDINARY.tensor(0, 103, 401), packed(compute), lowRank, c, true);
        return List.of(c);
    }),

    PACKED_WITH_ALL_THAT_THERE_IS(compute -> {
        Epilogue epilogue = Epilogue.none().withScale(0.3f).withBias(ORDINARY.tensor(2, 149))
                .withLowRank(ORDINARY.tensor(4, 103, 5), ORDINARY.tensor(5, 5, 149))
                .withResidual(ORDINARY.tensor(6, 103, 149));
        List<Tensor> results = new ArrayList<>();
        for (Activation activation : Activation.values()) {
            Tensor c = ORDINARY.tensor(3, 103, 149);
            Tensor y = unset(103, 149);
            PackedProduct.multiply(compute, ORDINARY.tensor(0, 103, 401), packed(compute),
                    epilogue.withActivated(activation, y),
                    c, true);
            results.addAll(List.of(c, y));
        }
        return results;
    }),

    PACKED_IN_EVERY_FORMAT(compute -> {
        List<Tensor> products = new ArrayList<>();
        for (WeightFormat format : WeightFormat.values()) {
            StoredWeight weight = StoredWeight.of(format, 149, 512);
            for (int m : new int[] {1, 51}) {
                Tensor y = unset(m, 149);
                Tensor dx = unset(m, 512);
                PackedProduct.multiply(compute, ORDINARY.tensor(0, m, 512), weight.pack(compute.kernels(), true),
                        Epilogue.none(), y,
                        false);
                PackedProduct.multiply(compute, y, weight.pack(compute.kernels(), false), Epilogue.none(), dx, false);
                products.addAll(List.of(y, dx));
            }
        }
        return products;
    }),

    PLAIN(compute -> {
        Tensor c = unset(203, 35);
        Matmul.multiply(compute, Form.NN, 1f, ORDINARY.tensor(0, 203, 67), ORDINARY.tensor(1, 67, 35), c, false);
        Matmul.multiply(compute, Form.NN, 1f, ORDINARY.tensor(2, 203, 67), ORDINARY.tensor(1, 67, 35), c, true);
        return List.of(c);
    }),

    TRANSPOSED_A(compute -> {
        Tensor c = unset(105, 131);
        Matmul.multiply(compute, Form.TN, 1f, ORDINARY.tensor(0, 61, 105), ORDINARY.tensor(1, 61, 131), c, false);
        Matmul.multiply(compute, Form.TN, 1f, ORDINARY.tensor(2, 61, 105), ORDINARY.tensor(1, 61, 131), c, true);
        return List.of(c);
    }),

    ATTENTION(compute -> attention(compute, Attention.bidirectional(3), 7, 0, 1, 3, 18, 34, 51, 91)),

    ATTENTION_WITH_WIDE_HEADS(compute -> attention(compute, Attention.bidirectional(2), 33, 0, 17, 167)),

    ATTENTION_OF_GROUPS(compute -> attention(compute, Attention.causal(6, 2).withScale(0.3f), 16, 0, 15, 16, 236)),

    ATTENTION_IN_CAPPED_WINDOWS(
            compute -> attention(compute, Attention.causal(4, 2).withWindow(70).withCap(2f), 16, 0, 15,
                    16, 236)),

    ATTENTION_BY_DISTANCE(compute -> attentionByDistance(compute, Attention.bidirectional(2).withScale(1f), 7, 0, 1, 18,
            150)),

    ATTENTION_OF_MANY_HEADS(compute -> attention(compute, Attention.causal(9, 9), 16, 0, 130, 145)),

    LAYER_NORM(compute -> {
        Tensor x = ORDINARY.tensor(0, 70, 41);
        Tensor dy = ORDINARY.tensor(3, 70, 41);
        Tensor y = unset(70, 41);
        Tensor dx = unset(70, 41);
        Tensor statistics = unset(70, 2);
        Tensor dgamma = ORDINARY.tensor(4, 41);
        LayerNorms.forward(compute, x, ORDINARY.tensor(1, 41), ORDINARY.tensor(2, 41), 1e-12f, y, statistics);
        LayerNorms.backward(compute, x, ORDINARY.tensor(1, 41), statistics, dy, dx);
        LayerNorms.gammaGradient(x, statistics, dy, dgamma);
        return List.of(y, dx, statistics, dgamma);
    }),

    RMS_NORM(compute -> {
        Tensor x = ORDINARY.tensor(0, 70, 41);
        Tensor dy = ORDINARY.tensor(3, 70, 41);
        Tensor y = unset(70, 41);
        Tensor dx = unset(70, 41);
        Tensor inverses = unset(70);
        Tensor dgamma = ORDINARY.tensor(4, 41);
        RmsNorms.forward(compute, x, ORDINARY.tensor(1, 41), 1e-6f, y, inverses);
        RmsNorms.backward(compute, x, ORDINARY.tensor(1, 41), inverses, dy, dx);
        RmsNorms.gammaGradient(x, inverses, dy, dgamma);
        return List.of(y, dx, inverses, dgamma);
    }),

    ROTARY(compute -> {
        float[] frequencies = Rotary.frequencies(10, 10_000);
        int[] positions = IntStream.range(0, 70).toArray();
        Tensor halves = unset(70, 36);
        Tensor interleaved = unset(70, 36);
        Rotary.of(frequencies, 70, Rotary.Order.HALVES).forward(compute, ORDINARY.tensor(0, 70, 36), positions, 3,
                halves);
        Rotary.of(frequencies, 70, Rotary.Order.INTERLEAVED).backward(compute, ORDINARY.tensor(0, 70, 36), positions,
                3, interleaved);
        return List.of(halves, interleaved);
    }),

    ELEMENTWISE(compute -> {
        int n = 40_001;
        Tensor x = ORDINARY.tensor(0, n);
        Tensor dy = ORDINARY.tensor(1, n);
        Tensor[] y = {unset(n), unset(n), unset(n), unset(n), unset(n), unset(n), unset(n), unset(n), unset(n),
            unset(n)};
        Elementwise.gelu(compute, x, y[0]);
        Elementwise.geluBackward(compute, x, dy, y[1]);
        Elementwise.tanh(compute, x, y[2]);
        Elementwise.tanhBackward(y[2], dy, y[3]);
        Elementwise.dropout(compute, x, 0.1f, 5, y[4]);
        Elementwise.add(compute, x, dy, y[5]);
        Elementwise.addScaled(x, 0.3f, y[5]);
        Elementwise.geluTanh(compute, x, y[6]);
        Elementwise.geluTanhBackward(compute, x, dy, y[7]);
        Elementwise.silu(compute, x, y[8]);
        Elementwise.siluBackward(compute, x, dy, y[9]);
        return List.of(y);
    }),

    ACTIVATIONS(compute -> {
        int n = 40_001;
        Tensor x = ORDINARY.tensor(0, n);
        Tensor[] y = {unset(n), unset(n), unset(n), unset(n)};
        Elementwise.relu(compute, x, y[0]);
        Elementwise.reluBackward(compute, y[0], ORDINARY.tensor(1, n), y[1]);
        Elementwise.sigmoid(compute, x, y[2]);
        Elementwise.sigmoidBackward(compute, y[2], ORDINARY.tensor(1, n), y[3]);
        return List.of(y);
    }),

    BROADCAST(compute -> {
        Tensor x = ORDINARY.tensor(0, 300, 1, 91);
        Tensor y = ORDINARY.tensor(1, 3, 1);
        Tensor[] z = {unset(300, 3, 91), unset(300, 3, 91), unset(300, 3, 91), unset(300, 1, 91), unset(3, 1)};
        Broadcast pair = Broadcast.of("test", x.shape(), y.shape());
        pair.add(compute, x, y, z[0]);
        pair.subtract(compute, x, y, z[1]);
        pair.multiply(compute, x, y, z[2]);
        Broadcast.sum(compute, z[2], z[3]);
        Broadcast.sum(compute, z[2], z[4]);
        return List.of(z);
    }),

    REDUCTIONS(compute -> {
        Tensor x = ORDINARY.tensor(0, 91, 37);
        Tensor sums = unset(37);
        Tensor means = unset(3, 37);
        Elementwise.sumRows(x, sums, false);
        WholeRows.mean(x, new int[] {0, 7, 40, 91}, means);
        Tensor norms = unset(91);
        Tensor dx = unset(91, 37);
        Reductions.rowNorms(compute, x, norms);
        Reductions.rowNormsBackward(compute, x, norms, ORDINARY.tensor(1, 91), dx);
        float[] whole = {(float) Reductions.sum(compute, x), (float) Reductions.dot(compute, x, x)};
        return List.of(sums, means, norms, dx, Tensor.of(whole, 2));
    }),

    NORMALIZED_ROWS(compute -> {
        Tensor x = ORDINARY.tensor(0, 91, 37);
        Tensor dy = ORDINARY.tensor(1, 91, 37);
        Tensor[] y = {unset(91), unset(91, 37), unset(91, 37), unset(91), unset(91, 37)};
        Reductions.normalizeRows(compute, x, y[0], y[1]);
        Reductions.normalizeRowsBackward(compute, y[1], y[0], dy, y[2]);
        Reductions.rowDots(compute, x, dy, y[3]);
        Reductions.rowDotsBackward(compute, dy, y[3], y[4]);
        return List.of(y);
    }),

    SOFTMAX(compute -> {
        Tensor x = ORDINARY.tensor(0, 9, 4099);
        Tensor[] y = {unset(9, 4099), unset(9, 4099), unset(9), unset(9, 4099), unset(9, 4099)};
        Softmax.forward(compute, x, y[0]);
        Softmax.backward(compute, y[0], ORDINARY.tensor(1, 9, 4099), y[1]);
        Softmax.logSumExp(compute, x, y[2]);
        Softmax.logForward(compute, x, y[3]);
        Softmax.logBackward(compute, y[3], ORDINARY.tensor(1, 9, 4099), y[4]);
        return List.of(y);
    }),

    CROSS_ENTROPY(compute -> {
        Tensor logits = ORDINARY.tensor(0, 9, 4099);
        Tensor statistics = unset(9, 2);
        Tensor gradient = unset(9, 4099);
        int[] labels = {126, CrossEntropy.IGNORED, 0, 1, 2, 3, 4098, 5, 6};
        float loss = CrossEntropy.forward(compute, logits, labels, statistics);
        CrossEntropy.backward(compute, logits, labels, statistics, 1f, gradient);
        Tensor smoothed = unset(9, 4099);
        float smoothedLoss = CrossEntropy.forward(compute, logits, labels, 0.1f, statistics);
        CrossEntropy.backward(compute, logits, labels, 0.1f, statistics, 1f, smoothed);
        return List.of(Tensor.of(new float[] {loss, smoothedLoss}, 2), statistics, gradient, smoothed);
    }),

    KL_DIVERGENCE(compute -> {
        Tensor[] y = {unset(9, 4099), unset(9, 4099), unset(9, 4099), unset(9, 4099)};
        float loss = KlDivergence.forward(compute, ORDINARY.tensor(0, 9, 4099), ORDINARY.tensor(1, 9, 4099), y[0],
                y[1]);
        KlDivergence.pBackward(y[0], y[1], loss, y[2]);
        KlDivergence.qBackward(y[0], loss, y[3]);
        return List.of(y);
    }),

    ADAM_W(compute -> {
        Tensor w = ORDINARY.tensor(0, 127);
        Tensor m = Tensor.zeros(127);
        Tensor v = Tensor.zeros(127);
        for (int step = 1; step <= 3; step++) {
            OptimizerSteps.adamW(new AdamW(1e-3, 0.9, 0.999, 1e-8, 0.01, step), w, ORDINARY.tensor(step, 127), m, v);
        }
        return List.of(w, m, v);
    }),

    SGD_AND_LION(compute -> {
        Tensor w = ORDINARY.tensor(0, 127);
        Tensor b = Tensor.zeros(127);
        Tensor m = Tensor.zeros(127);
        for (int step = 1; step <= 3; step++) {
            OptimizerSteps.sgd(new OptimizerSteps.Sgd(0.1, 0.9, 0.01, true), w, ORDINARY.tensor(step, 127), b);
            OptimizerSteps.lion(new OptimizerSteps.Lion(1e-3, 0.9, 0.99, 0.1), w, ORDINARY.tensor(step, 127), m);
        }
        return List.of(w, b, m);
    }),

    RANDOM(compute -> {
        Tensor uniform = unset(1000);
        Tensor normal = unset(1000);
        Random.fillUniform(uniform, 0.3f, Random.key(1, "uniform"));
        Random.fillNormal(normal, 0.02f, Random.key(1, 2, 3));
        return List.of(uniform, normal);
    });

    private interface Run {
        List<Tensor> on(Compute compute);
    }

    private final Run run;

    Operation(Run run) {
        this.run = run;
    }

    /** All results. */
    public List<Tensor> run(Compute compute) {
        return run.on(compute);
    }

    private static PackedMatrix packed(Compute compute) {
        return PackedMatrix.of(compute.kernels(), ORDINARY.tensor(1, 401, 149));
    }

    private static List<Tensor> attention(Compute compute, Attention attention, int d, int... offsets) {
        int rows = offsets[offsets.length - 1];
        int hidden = attention.heads() * d;
        int kvHidden = attention.kvHeads() * d;
        Attention.Inputs in = Attention.Inputs.of(ORDINARY.tensor(0, rows, hidden), ORDINARY.tensor(1, rows, kvHidden),
                ORDINARY.tensor(2, rows, kvHidden), offsets);
        Tensor[] y = {unset(rows, hidden), unset(attention.statisticsShape(in.q()).dims()), unset(rows, hidden),
            unset(rows, kvHidden), unset(rows, kvHidden)};
        attention.forward(compute, in, y[0], y[1]);
        attention.backward(compute, in, y[0], y[1], ORDINARY.tensor(3, rows, hidden), y[2], y[3], y[4]);
        return List.of(y);
    }

    private static List<Tensor> attentionByDistance(Compute compute, Attention attention, int d, int... offsets) {
        int rows = offsets[offsets.length - 1];
        int hidden = attention.heads() * d;
        int columns = attention.heads() * 3;
        int[] buckets = {0, 2, 1, 0, 2};
        Attention.Inputs in = new Attention.Inputs(ORDINARY.tensor(0, rows, hidden), ORDINARY.tensor(1, rows, hidden),
                ORDINARY.tensor(2, rows, hidden), offsets, offsets,
                new RelativeScores(ORDINARY.tensor(4, rows, columns), ORDINARY.tensor(5, rows, columns), buckets));
        Tensor[] y = {unset(rows, hidden), unset(attention.statisticsShape(in.q()).dims()), unset(rows, hidden),
            unset(rows, hidden), unset(rows, hidden), unset(rows, columns), unset(rows, columns)};
        attention.forward(compute, in, y[0], y[1]);
        attention.backward(compute, in, y[0], y[1], ORDINARY.tensor(3, rows, hidden), y[2], y[3], y[4],
                new RelativeScores(y[5], y[6], buckets));
        return List.of(y);
    }
}
