package dev.lorikeet.tensor.linalg;

import dev.lorikeet.tensor.Columns;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Reductions;
import dev.lorikeet.tensor.Tensor;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * A thin singular value decomposition X = U·diag(σ)·Vᵀ = Σ σ_k·u_k·v_kᵀ in double precision, σ falling. The largest
 * entry of every u_k is positive, which fixes the signs.
 *
 * <p>QR first, then one-sided Jacobi rotations on R (Hestenes 1958; Drmač and Veselić 2008), which get even the
 * smallest σ right. A matrix of 384 × 1,536 takes seconds.
 */
public final class Svd {
    /** Two vectors are orthogonal when the cosine between them is at most this. */
    private static final double ORTHOGONAL = 1e-14;
    /** Ten are usual, and rotations never take a step back: more would mean a defect. */
    private static final int SWEEPS = 60;
    /** Columns beyond the rank that a random sketch has, as Halko et al. advise. */
    private static final int OVERSAMPLING = 8;

    /** Vector k of U. */
    private final double[][] left;
    private final double[] values;
    /** Vector k of V. */
    private final double[][] right;

    private Svd(double[][] left, double[] values, double[][] right) {
        this.left = left;
        this.values = values;
        this.right = right;
        for (int k = 0; k < left.length; k++) {
            double largest = 0;
            for (double entry : left[k]) {
                largest = Math.abs((float) entry) > Math.abs((float) largest) ? entry : largest;
            }
            if (largest < 0) {
                scale(left[k], -1);
                scale(right[k], -1);
            }
        }
    }

    /**
     * All singular values and vectors of a matrix.
     *
     * @param x (m, n), finite
     * @throws IllegalArgumentException if there is none, or one is not finite
     */
    public static Svd of(Tensor x) {
        requireNumbers(x);
        return of(Qr.rows(x));
    }

    private static Svd of(double[][] rows) {
        if (rows.length <= rows[0].length) {
            return ofWide(rows);
        }
        Svd turned = ofWide(transpose(rows));
        return new Svd(turned.right, turned.values, turned.left);
    }

    /**
     * The decomposition of B·A, which is never made where the inner dimension is the smallest: as many singular values
     * as that.
     *
     * @param b (m, k), finite
     * @param a (k, n), finite
     * @throws IllegalArgumentException if the shapes do not fit or an element is not finite
     */
    public static Svd ofProduct(Tensor b, Tensor a) {
        requireNumbers(b);
        requireNumbers(a);
        if (b.dim(1) != a.dim(0)) {
            throw new IllegalArgumentException("svd: inner dimensions differ, lhs " + b.shape() + ", rhs " + a.shape());
        }
        int k = b.dim(1);
        if (k > Math.min(b.dim(0), a.dim(1))) {
            return of(combine(Qr.rows(b), Qr.rows(a)));
        }
        Qr outer = Qr.of(Qr.columns(b), k);
        Qr inner = Qr.of(Qr.rows(a), k);
        double[][] core = combine(outer.rows(), transpose(inner.rows()));
        Svd small = ofWide(core);
        return new Svd(combine(small.left, outer.columns()), small.values, combine(small.right, inner.columns()));
    }

    /**
     * The first {@code rank} singular values and vectors, nearly, from a random sketch and some power iterations (Halko
     * et al. 2011, algorithm 4.4): much faster where the rank is small.
     *
     * @param x (m, n), finite
     * @param iterations power iterations: each takes the error closer to 0, where σ falls quickly the sooner
     * @param key of the random numbers
     * @throws IllegalArgumentException if {@code rank} is not between 1 and the smaller side, or an element is not
     *     finite
     */
    public static Svd leading(Tensor x, int rank, int iterations, long key) {
        requireNumbers(x);
        int smaller = Math.min(x.dim(0), x.dim(1));
        if (rank < 1 || rank > smaller) {
            throw new IllegalArgumentException("svd: rank " + rank + " of " + x.shape() + " is not in 1 … " + smaller);
        }
        int width = Math.min(rank + OVERSAMPLING, smaller);
        Tensor random = Tensor.zeros(width, x.dim(1));
        Random.fillNormal(random, 1f, key);
        double[][] rows = Qr.rows(x);
        double[][] columns = Qr.columns(x);
        double[][] range = Qr.of(combine(Qr.rows(random), columns), width).columns();
        for (int i = 0; i < iterations; i++) {
            double[][] domain = Qr.of(combine(range, rows), width).columns();
            range = Qr.of(combine(domain, columns), width).columns();
        }
        Svd small = ofWide(combine(range, rows));
        return new Svd(combine(Arrays.copyOf(small.left, rank), range), Arrays.copyOf(small.values, rank),
                Arrays.copyOf(small.right, rank));
    }

    /** The decomposition of a matrix with at least as many columns as rows. */
    private static Svd ofWide(double[][] x) {
        int n = x.length;
        // Xᵀ = Q·R and J·R = diag(σ)·Uᵀ, so that X = U·diag(σ)·(Q·Jᵀ)ᵀ
        Qr qr = Qr.of(copy(x), n);
        double[][] rotated = qr.rows();
        double[][] j = new double[n][n];
        for (int k = 0; k < n; k++) {
            j[k][k] = 1;
        }
        rotate(rotated, j);
        double[] values = Arrays.stream(rotated).mapToDouble(row -> Qr.norm(row, 0)).toArray();
        int[] order = IntStream.range(0, n).boxed().sorted(Comparator.comparingDouble(k -> -values[k]))
                .mapToInt(Integer::intValue).toArray();
        double[][] left = Arrays.stream(order).mapToObj(k -> rotated[k]).toArray(double[][]::new);
        double[][] turns = Arrays.stream(order).mapToObj(k -> j[k]).toArray(double[][]::new);
        double[] sorted = Arrays.stream(order).mapToDouble(k -> values[k]).toArray();
        normalize(left, sorted);
        return new Svd(left, sorted, combine(turns, qr.columns()));
    }

    /** Rotates pairs of vectors until all are orthogonal, and {@code j} with them. */
    private static void rotate(double[][] x, double[][] j) {
        boolean rotated = true;
        for (int sweep = 0; rotated; sweep++) {
            if (sweep == SWEEPS) {
                throw new ArithmeticException("svd: no convergence after " + SWEEPS + " sweeps");
            }
            rotated = false;
            double[] squares = Arrays.stream(x).mapToDouble(row -> Qr.dot(row, row, 0)).toArray();
            double largest = Math.sqrt(Arrays.stream(squares).max().orElseThrow());
            double negligible = negligible(largest, x.length) * negligible(largest, x.length);
            for (int p = 0; p < x.length - 1; p++) {
                for (int q = p + 1; q < x.length; q++) {
                    // what depends on the others would shrink with every sweep and never be orthogonal to them
                    rotated |= squares[p] > negligible && squares[q] > negligible && rotate(x, j, squares, p, q);
                }
            }
        }
    }

    /** Makes vectors p and q orthogonal, the longer one first; whether they were not. */
    private static boolean rotate(double[][] x, double[][] j, double[] squares, int p, int q) {
        double pp = squares[p];
        double qq = squares[q];
        double pq = Qr.dot(x[p], x[q], 0);
        if (Math.abs(pq) <= ORTHOGONAL * Math.sqrt(pp) * Math.sqrt(qq)) {
            return false;
        }
        double zeta = (qq - pp) / (2 * pq);
        double t = Math.copySign(1 / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta)), zeta);
        double c = 1 / Math.sqrt(1 + t * t);
        turn(x[p], x[q], c, c * t);
        turn(j[p], j[q], c, c * t);
        squares[p] = Math.max(0, pp - t * pq);
        squares[q] = qq + t * pq;
        if (squares[p] < squares[q]) {
            swap(x, p, q);
            swap(j, p, q);
            squares[p] = qq + t * pq;
            squares[q] = Math.max(0, pp - t * pq);
        }
        return true;
    }

    /** (p, q) := (c·p - s·q, s·p + c·q). */
    private static void turn(double[] p, double[] q, double c, double s) {
        for (int i = 0; i < p.length; i++) {
            double before = p[i];
            p[i] = c * before - s * q[i];
            q[i] = s * before + c * q[i];
        }
    }

    private static void swap(double[][] x, int p, int q) {
        double[] before = x[p];
        x[p] = x[q];
        x[q] = before;
    }

    /**
     * Divides orthogonal vectors by their lengths. Where that is nothing but rounding, the direction is none either:
     * those get one that is orthogonal to all before it.
     */
    private static void normalize(double[][] x, double[] lengths) {
        double negligible = negligible(lengths[0], x.length);
        for (int k = 0; k < x.length; k++) {
            if (lengths[k] > negligible) {
                scale(x[k], 1 / lengths[k]);
            } else {
                lengths[k] = 0;
                complete(x, k);
            }
        }
    }

    /** Lengths of n vectors up to this are nothing but rounding beside the largest one. */
    private static double negligible(double largest, int n) {
        return largest * n * 0x1p-52;
    }

    /** Vector k := the first axis that is not nearly in the span of those before, without its part in there. */
    private static void complete(double[][] x, int k) {
        double length = 0;
        for (int axis = 0; length < 0.5 / Math.sqrt(x.length); axis++) {
            Arrays.fill(x[k], 0);
            x[k][axis] = 1;
            for (int pass = 0; pass < 2; pass++) {
                for (int i = 0; i < k; i++) {
                    add(x[k], -Qr.dot(x[k], x[i], 0), x[i]);
                }
            }
            length = Qr.norm(x[k], 0);
        }
        scale(x[k], 1 / length);
    }

    /** Row i: Σ_k coefficients[i][k] · vectors[k]. */
    private static double[][] combine(double[][] coefficients, double[][] vectors) {
        double[][] result = new double[coefficients.length][vectors[0].length];
        for (int i = 0; i < result.length; i++) {
            for (int k = 0; k < vectors.length; k++) {
                add(result[i], coefficients[i][k], vectors[k]);
            }
        }
        return result;
    }

    private static void add(double[] x, double factor, double[] y) {
        for (int i = 0; i < x.length; i++) {
            x[i] += factor * y[i];
        }
    }

    private static void scale(double[] x, double factor) {
        for (int i = 0; i < x.length; i++) {
            x[i] *= factor;
        }
    }

    private static double[][] copy(double[][] x) {
        return Arrays.stream(x).map(double[]::clone).toArray(double[][]::new);
    }

    private static double[][] transpose(double[][] x) {
        double[][] result = new double[x[0].length][x.length];
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < x[i].length; j++) {
                result[j][i] = x[i][j];
            }
        }
        return result;
    }

    private static void requireNumbers(Tensor x) {
        if (x.shape().rank() != 2 || x.size() == 0) {
            throw new IllegalArgumentException("svd: a matrix with elements is expected, not " + x.shape());
        }
        int wrong = Reductions.firstNotFinite(x);
        if (wrong >= 0) {
            throw new IllegalArgumentException("svd: element " + wrong + " of " + x.shape() + " is "
                    + x.data()[x.offset() + wrong]);
        }
    }

    static Tensor tensor(double[][] rows) {
        int n = rows[0].length;
        Tensor result = Tensor.zeros(rows.length, n);
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < n; j++) {
                result.data()[i * n + j] = (float) rows[i][j];
            }
        }
        return result;
    }

    /** How many singular values there are. */
    public int size() {
        return values.length;
    }

    /** σ_k. */
    public double value(int k) {
        return values[k];
    }

    /** U (m, k). */
    public Tensor left() {
        return transposed(left);
    }

    /** Vᵀ (k, n). */
    public Tensor right() {
        return tensor(right);
    }

    static Tensor transposed(double[][] columns) {
        return tensor(transpose(columns));
    }
}
