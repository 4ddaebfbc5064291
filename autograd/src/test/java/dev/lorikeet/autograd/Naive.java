package dev.lorikeet.autograd;

import java.util.Arrays;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Functions of arrays of numbers in double precision, as one would write them first. */
final class Naive {
    private Naive() {}

    static Scalar[] each(Scalar[] x, UnaryOperator<Scalar> function) {
        return Arrays.stream(x).map(function).toArray(Scalar[]::new);
    }

    static Scalar[] each(Scalar[] x, Scalar[] y, BinaryOperator<Scalar> function) {
        return IntStream.range(0, x.length).mapToObj(i -> function.apply(x[i], y[i])).toArray(Scalar[]::new);
    }

    /** x + y, with y again and again where it is shorter: a row. */
    static Scalar[] plus(Scalar[] x, Scalar[] y) {
        return IntStream.range(0, x.length).mapToObj(i -> x[i].plus(y[i % y.length])).toArray(Scalar[]::new);
    }

    static Scalar sum(Scalar... x) {
        return Arrays.stream(x).reduce(Scalar.of(0.0), Scalar::plus);
    }

    static Scalar mean(Scalar... x) {
        return sum(x).times(1.0 / x.length);
    }

    /** Elements picked by their indices. */
    static Scalar[] pick(Scalar[] x, IntStream index) {
        return index.mapToObj(i -> x[i]).toArray(Scalar[]::new);
    }

    /** x of {@code dims}, read as an array of {@code to}. */
    static Scalar[] broadcast(Scalar[] x, int[] dims, int[] to) {
        int size = Arrays.stream(to).reduce(1, (a, b) -> a * b);
        return pick(x, IntStream.range(0, size).map(i -> {
            int at = 0;
            int step = 1;
            int rest = i;
            for (int back = 1; back <= dims.length; back++) {
                int index = rest % to[to.length - back];
                at += dims[dims.length - back] == 1 ? 0 : step * index;
                step *= dims[dims.length - back];
                rest /= to[to.length - back];
            }
            return at;
        }));
    }

    /** {@code function} of each row of n. */
    static Scalar[] rows(Scalar[] x, int n, UnaryOperator<Scalar[]> function) {
        if (n == 0) {
            return x;
        }
        return IntStream.range(0, x.length / n).mapToObj(i -> function.apply(Arrays.copyOfRange(x, i * n, (i + 1) * n)))
                .flatMap(Arrays::stream).toArray(Scalar[]::new);
    }

    /** x·Φ(x). */
    static Scalar gelu(Scalar x) {
        return x.times(0.5).times(x.times(Math.sqrt(0.5)).erf().plus(1));
    }

    static Scalar geluTanh(Scalar x) {
        Scalar inner = x.plus(x.times(x).times(x).times(0.044715)).times(Math.sqrt(2 / Math.PI));
        return x.times(0.5).times(inner.tanh().plus(1));
    }

    static Scalar silu(Scalar x) {
        return x.times(x.sigmoid());
    }

    static Scalar[] softmax(Scalar... x) {
        Scalar[] e = each(x, Scalar::exp);
        Scalar sum = sum(e);
        return each(e, y -> y.over(sum));
    }

    static Scalar[] logSoftmax(Scalar... x) {
        Scalar log = sum(each(x, Scalar::exp)).log();
        return each(x, v -> v.minus(log));
    }

    /** x/√Σ x². */
    static Scalar[] normalize(Scalar... x) {
        Scalar norm = sum(each(x, v -> v.times(v))).sqrt();
        return each(x, v -> v.over(norm));
    }

    /** Σ x·y of each row of n. */
    static Scalar[] rowDots(Scalar[] x, Scalar[] y, int n) {
        return IntStream.range(0, x.length / n).mapToObj(i -> dot(n, x, i * n, 1, y, i * n, 1)).toArray(Scalar[]::new);
    }

    /** Σ x·y of n elements, the first at an offset and the others a step apart. */
    static Scalar dot(int n, Scalar[] x, int xo, int xs, Scalar[] y, int yo, int ys) {
        return sum(IntStream.range(0, n).mapToObj(i -> x[xo + i * xs].times(y[yo + i * ys])).toArray(Scalar[]::new));
    }

    static Scalar[] layerNorm(Scalar[] x, Scalar[] gamma, Scalar[] beta, double eps) {
        Scalar mean = mean(x);
        Scalar[] centred = each(x, v -> v.minus(mean));
        Scalar deviation = mean(each(centred, v -> v.times(v))).plus(eps).sqrt();
        return each(each(each(centred, v -> v.over(deviation)), gamma, Scalar::times), beta, Scalar::plus);
    }

    static Scalar[] rmsNorm(Scalar[] x, Scalar[] gamma, double eps) {
        Scalar root = mean(each(x, v -> v.times(v))).plus(eps).sqrt();
        return each(each(x, v -> v.over(root)), gamma, Scalar::times);
    }

    /** x (m, k) times y (k, n). */
    static Scalar[] matmul(Scalar[] x, Scalar[] y, int m, int n, int k) {
        Scalar[] z = Scalar.of(new double[m * n]);
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                for (int p = 0; p < k; p++) {
                    z[i * n + j] = z[i * n + j].plus(x[i * k + p].times(y[p * n + j]));
                }
            }
        }
        return z;
    }

    /** (rows, n) to (n, rows). */
    static Scalar[] transpose(Scalar[] x, int rows, int n) {
        return pick(x, IntStream.range(0, x.length).map(i -> i % rows * n + i / rows));
    }
}
