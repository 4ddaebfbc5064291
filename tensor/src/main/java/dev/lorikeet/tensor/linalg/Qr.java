package dev.lorikeet.tensor.linalg;

import dev.lorikeet.tensor.Tensor;

/**
 * The first columns of a QR decomposition X = Q·R with orthonormal columns in Q and an upper triangular R, by
 * Householder's reflections in double precision (Golub and Van Loan 2013, section 5.2). Signs are LAPACK's: the
 * diagonal of R may be negative.
 */
public final class Qr {
    /** Column k of Q. */
    private final double[][] q;
    /** Row k of R. */
    private final double[][] r;

    private Qr(double[][] q, double[][] r) {
        this.q = q;
        this.r = r;
    }

    /**
     * The first {@code rank} columns of Q and rows of R: Q·R is X where the rank is the smaller side of X, and else
     * what the first columns of X span.
     *
     * @param x (m, n)
     * @throws IllegalArgumentException if {@code rank} is not between 1 and the smaller side
     */
    public static Qr of(Tensor x, int rank) {
        int smaller = Math.min(x.dim(0), x.dim(1));
        if (rank < 1 || rank > smaller) {
            throw new IllegalArgumentException("qr: rank " + rank + " of " + x.shape() + " is not in 1 … " + smaller);
        }
        return of(columns(x), rank);
    }

    /** As above on columns, which are overwritten. */
    static Qr of(double[][] columns, int rank) {
        int m = columns[0].length;
        double[][] reflections = new double[rank][m];
        for (int k = 0; k < rank; k++) {
            // as LAPACK's dlarfg: nothing is reflected where the column is what it should be already
            if (norm(columns[k], k + 1) > 0) {
                double[] v = reflections[k];
                System.arraycopy(columns[k], k, v, k, m - k);
                v[k] += Math.copySign(norm(v, k), v[k]);
                double scale = 1 / norm(v, k);
                for (int i = k; i < m; i++) {
                    v[i] *= scale;
                }
                for (int j = k; j < columns.length; j++) {
                    reflect(v, columns[j], k);
                }
            }
        }
        double[][] q = new double[rank][m];
        double[][] r = new double[rank][columns.length];
        for (int k = 0; k < rank; k++) {
            for (int j = k; j < columns.length; j++) {
                r[k][j] = columns[j][k];
            }
            q[k][k] = 1;
            for (int i = rank - 1; i >= 0; i--) {
                reflect(reflections[i], q[k], i);
            }
        }
        return new Qr(q, r);
    }

    /** x := (I - 2·v·vᵀ)·x, where v is zero before {@code from}. */
    private static void reflect(double[] v, double[] x, int from) {
        double twice = -2 * dot(v, x, from);
        for (int i = from; i < v.length; i++) {
            x[i] += twice * v[i];
        }
    }

    static double norm(double[] x, int from) {
        return Math.sqrt(dot(x, x, from));
    }

    /** Four sums side by side, because one alone would wait for each addition. */
    static double dot(double[] x, double[] y, int from) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = from;
        for (; i + 3 < x.length; i += 4) {
            s0 += x[i] * y[i];
            s1 += x[i + 1] * y[i + 1];
            s2 += x[i + 2] * y[i + 2];
            s3 += x[i + 3] * y[i + 3];
        }
        for (; i < x.length; i++) {
            s0 += x[i] * y[i];
        }
        return (s0 + s1) + (s2 + s3);
    }

    static double[][] rows(Tensor x) {
        double[][] rows = new double[x.dim(0)][x.dim(1)];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows[i].length; j++) {
                rows[i][j] = x.data()[x.offset() + i * x.dim(1) + j];
            }
        }
        return rows;
    }

    static double[][] columns(Tensor x) {
        double[][] columns = new double[x.dim(1)][x.dim(0)];
        for (int j = 0; j < columns.length; j++) {
            for (int i = 0; i < columns[j].length; i++) {
                columns[j][i] = x.data()[x.offset() + i * x.dim(1) + j];
            }
        }
        return columns;
    }

    /** Q (m, rank). */
    public Tensor q() {
        return Svd.transposed(q);
    }

    /** R (rank, n). */
    public Tensor r() {
        return Svd.tensor(r);
    }

    /** The columns of Q. */
    double[][] columns() {
        return q;
    }

    /** The rows of R. */
    double[][] rows() {
        return r;
    }
}
