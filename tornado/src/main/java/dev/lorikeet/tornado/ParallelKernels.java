package dev.lorikeet.tornado;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The products of {@link TiledKernels} as plain loops, which TornadoVM divides among work-items by itself: where a
 * device has no work-groups, and what the tiled ones are checked against.
 */
final class ParallelKernels {
    private ParallelKernels() {}

    /** C = scale·A·B + H·L + bias. */
    static void multiply(FloatArray a, FloatArray b, FloatArray scale, FloatArray h, FloatArray l, FloatArray bias,
            FloatArray c, int m, int n, int k, int r, int form) {
        for (@Parallel
        int i = 0; i < m; i++) {
            for (@Parallel
            int j = 0; j < n; j++) {
                c.set(i * n + j, scale.get(0) * dot(a, b, i, j, m, n, k, form) + dot(h, l, i, j, m, n, r, form)
                        + bias.get(j));
            }
        }
    }

    private static float dot(FloatArray a, FloatArray b, int i, int j, int m, int n, int k, int form) {
        float sum = 0f;
        for (int s = 0; s < k; s++) {
            float left = form == TiledKernels.TN ? a.get(s * m + i) : a.get(i * k + s);
            float right = form == TiledKernels.NT ? b.get(j * k + s) : b.get(s * n + j);
            sum += left * right;
        }
        return sum;
    }

    /** y = W·x + L·h + bias for one row. */
    static void multiplyRow(FloatArray x, FloatArray w, FloatArray h, FloatArray l, FloatArray bias, FloatArray y,
            int n,
            int k, int r) {
        for (@Parallel
        int j = 0; j < n; j++) {
            float sum = bias.get(j);
            for (int s = 0; s < k; s++) {
                sum += w.get(j * k + s) * x.get(s);
            }
            for (int s = 0; s < r; s++) {
                sum += l.get(j * r + s) * h.get(s);
            }
            y.set(j, sum);
        }
    }
}
