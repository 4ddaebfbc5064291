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
