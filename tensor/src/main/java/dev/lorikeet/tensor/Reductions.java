package dev.lorikeet.tensor;

import dev.lorikeet.tensor.kernel.Kernels;
import dev.lorikeet.tensor.kernel.Loops;

/** Sums over all elements or over rows, forward beside backward. */
public final class Reductions {
    /** Elements of one float32 sum; the sums of such blocks are added up in double precision. */
    private static final int BLOCK = 1 << 10;

    private Reductions() {}

    /** Σ x. */
    public static double sum(Compute compute, Tensor x) {
        return sum(compute.kernels(), x.size(), x.data(), x.offset());
    }

    static double sum(Kernels kernels, int n, float[] x, int xo) {
        double total = 0;
        for (int from = 0; from < n; from += BLOCK) {
            total += kernels.sum(Math.min(BLOCK, n - from), x, xo + from);
        }
        return total;
    }

    /** Σ x·y, of one size. */
    public static double dot(Compute compute, Tensor x, Tensor y) {
        double total = 0;
        for (int from = 0; from < x.size(); from += BLOCK) {
            total += compute.kernels().dot(Math.min(BLOCK, x.size() - from), x.data(), x.offset() + from, y.data(),
                    y.offset() + from);
        }
        return total;
    }

    /** dx = x·dnorm/norm for norm = √Σ x²; 0 where that is 0, as PyTorch has it. */
    public static void normBackward(Tensor x, float norm, float dnorm, Tensor dx) {
        Elementwise.scale(x, norm == 0 ? 0f : dnorm / norm, dx);
    }

    /** norms (rows) = √Σ x² of each row of x (rows, n). */
    public static void rowNorms(Compute compute, Tensor x, Tensor norms) {
        int n = x.dim(-1);
        Softmax.forEachRow(compute, x, row -> {
            int from = x.offset() + row * n;
            norms.data()[norms.offset() + row] = (float) Math.sqrt(compute.kernels().dot(n, x.data(), from, x.data(),
                    from));
        });
    }

    /** {@link #normBackward} row by row. */
    public static void rowNormsBackward(Compute compute, Tensor x, Tensor norms, Tensor dnorms, Tensor dx) {
        int n = x.dim(-1);
        Softmax.forEachRow(compute, x, row -> {
            float norm = norms.data()[norms.offset() + row];
            float factor = norm == 0 ? 0f : dnorms.data()[dnorms.offset() + row] / norm;
            Loops.scale(n, x.data(), x.offset() + row * n, factor, dx.data(), dx.offset() + row * n);
        });
    }

    /** y = x/√Σ x² for each row of x (rows, n), whose roots norms (rows) takes; a row of zeros stays one. */
    public static void normalizeRows(Compute compute, Tensor x, Tensor norms, Tensor y) {
        rowNorms(compute, x, norms);
        int n = x.dim(-1);
        Softmax.forEachRow(compute, x, row -> Loops.scale(n, x.data(), x.offset() + row * n, inverse(norms, row),
                y.data(), y.offset() + row * n));
    }

    /** dx = (dy - y·Σ y·dy)/norm row by row, for y of {@link #normalizeRows}; 0 in a row of zeros. dx may be dy. */
    public static void normalizeRowsBackward(Compute compute, Tensor y, Tensor norms, Tensor dy, Tensor dx) {
        int n = y.dim(-1);
        Softmax.forEachRow(compute, y, row -> {
            int from = y.offset() + row * n;
            int to = dx.offset() + row * n;
            float along = compute.kernels().dot(n, y.data(), from, dy.data(), dy.offset() + row * n);
            float inverse = inverse(norms, row);
            Loops.scale(n, dy.data(), dy.offset() + row * n, inverse, dx.data(), to);
            Loops.addScaled(n, y.data(), from, -along * inverse, dx.data(), to);
        });
    }

    /** The smallest norm above 0 is the root of float32's smallest number, so that its inverse is finite. */
    private static float inverse(Tensor norms, int row) {
        float norm = norms.data()[norms.offset() + row];
        return norm == 0 ? 0f : 1 / norm;
    }

    /** dots (rows) = Σ x·y of each row of x and y (rows, n). */
    public static void rowDots(Compute compute, Tensor x, Tensor y, Tensor dots) {
        int n = x.dim(-1);
        Softmax.forEachRow(compute, x, row -> dots.data()[dots.offset() + row] = compute.kernels().dot(n, x.data(),
                x.offset() + row * n, y.data(), y.offset() + row * n));
    }

    /** dx = ddots·y row by row: the gradient of {@link #rowDots} for x; that for y is ddots·x. dx may be y. */
    public static void rowDotsBackward(Compute compute, Tensor y, Tensor ddots, Tensor dx) {
        int n = y.dim(-1);
        Softmax.forEachRow(compute, y, row -> Loops.scale(n, y.data(), y.offset() + row * n,
                ddots.data()[ddots.offset() + row], dx.data(), dx.offset() + row * n));
    }

    /** The first element, row-major, that is a NaN or an infinity; -1 where all are finite. */
    public static int firstNotFinite(Tensor x) {
        for (int i = 0; i < x.size(); i++) {
            if (!Float.isFinite(x.data()[x.offset() + i])) {
                return i;
            }
        }
        return -1;
    }
}
