package dev.lorikeet.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.FrozenMatrix.Kept;
import dev.lorikeet.tensor.FrozenMatrix.LowRank;
import dev.lorikeet.tensor.FrozenMatrix.Target;
import dev.lorikeet.tensor.FrozenMatrix.Terms;
import dev.lorikeet.tensor.FrozenMatrix.Wanted;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.Workspace;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** A frozen layer with its inputs, and what comes of them: on a device, by the processor, or by the steps of a plan. */
record LayerCase(int rows, int out, int in, int rank, boolean dropped, boolean bias, Activation f) {
    /** Of the largest element of each result, against the processor's. */
    static final double TOLERANCE = 1e-5;
    static final float SCALE = 0.75f;

    static LayerCase of(int rows, int out, int in, int rank, String parts, Activation f) {
        return new LayerCase(rows, out, in, rank, parts.contains("d"), parts.contains("b"), f);
    }

    Tensor weight() {
        return values(1, Shape.of(out, in));
    }

    Tensor x() {
        return values(2, Shape.of(rows, in));
    }

    Tensor droppedX() {
        return values(3, Shape.of(rows, in));
    }

    Tensor a() {
        return values(4, Shape.of(rank, in));
    }

    Tensor b() {
        return values(5, Shape.of(out, rank));
    }

    Tensor biasTensor() {
        return values(6, Shape.of(out));
    }

    Tensor dy() {
        return values(7, Shape.of(rows, out));
    }

    static Tensor values(int key, Shape shape) {
        Tensor result = Tensor.zeros(shape);
        for (int i = 0; i < result.size(); i++) {
            result.data()[i] = 2 * Random.uniform(Random.key(17, key), i) - 1;
        }
        return result;
    }

    /** All results, by the names of the plan's buffers. */
    Map<String, float[]> run(Compute compute) {
        try (FrozenMatrix matrix = compute.take(weight(), WeightFormat.F32)) {
            return run(matrix);
        }
    }

    /** The same with a matrix of {@link #weight}; gradients are added to 1 where they are of A or B. */
    Map<String, float[]> run(FrozenMatrix matrix) {
        Tensor x = x();
        Map<String, Tensor> results = new LinkedHashMap<>();
        Tensor y = Tensor.zeros(rows, out);
        Tensor dx = Tensor.zeros(rows, in);
        results.put("y", y);
        results.put("dx", dx);
        LowRank term = null;
        Target dropGradient = null;
        Target da = null;
        Target db = null;
        if (rank > 0) {
            term = new LowRank(dropped ? droppedX() : x, a(), b(), SCALE);
            da = added("dA", Shape.of(rank, in), results);
            db = added("dB", Shape.of(out, rank), results);
            if (dropped) {
                dropGradient = new Target(Tensor.zeros(rows, in), false);
                results.put("dx'", dropGradient.tensor());
            }
        }
        Target dbias = null;
        if (bias) {
            dbias = new Target(Tensor.zeros(out), false);
            results.put("dbias", dbias.tensor());
        }
        Workspace room = new Workspace();
        Terms terms = new Terms(term, bias ? biasTensor() : null, f);
        try (Kept kept = Objects.requireNonNull(matrix.forward(room, x, terms, y, true))) {
            kept.backward(room, dy(), new Wanted(new Target(dx, false), dropGradient, da, db, dbias));
        }
        Map<String, float[]> all = new LinkedHashMap<>();
        results.forEach((name, tensor) -> all.put(name, tensor.toArray()));
        return all;
    }

    private static Target added(String name, Shape shape, Map<String, Tensor> results) {
        Target target = new Target(Tensor.zeros(shape), true);
        target.tensor().fill(1f);
        results.put(name, target.tensor());
        return target;
    }

    static void requireClose(Map<String, float[]> actual, Map<String, float[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, values) -> requireClose(name, actual.get(name), values));
    }

    static void requireClose(String name, float[] actual, float[] expected) {
        assertThat(actual).as(name).hasSameSizeAs(expected);
        double largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs((double) actual[i] - expected[i]);
            assertThat(difference <= TOLERANCE * largest)
                    .as("%s[%d] is %s, expected %s, largest %s", name, i, actual[i], expected[i], largest).isTrue();
        }
    }
}
