package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.VectorKernels.L;
import static dev.lorikeet.tensor.kernel.VectorKernels.S;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/** One row for all rows of a matrix, for {@link VectorKernels}: it stays in registers while they pass. */
final class VectorRows {
    private VectorRows() {}

    static void add(int rows, int n, float[] row, int ro, float[] x, int xo, int ldx) {
        int j = 0;
        for (; j <= n - 4 * L; j += 4 * L) {
            FloatVector r0 = fromArray(S, row, ro + j);
            FloatVector r1 = fromArray(S, row, ro + j + L);
            FloatVector r2 = fromArray(S, row, ro + j + 2 * L);
            FloatVector r3 = fromArray(S, row, ro + j + 3 * L);
            for (int i = 0; i < rows; i++) {
                int at = xo + i * ldx + j;
                fromArray(S, x, at).add(r0).intoArray(x, at);
                fromArray(S, x, at + L).add(r1).intoArray(x, at + L);
                fromArray(S, x, at + 2 * L).add(r2).intoArray(x, at + 2 * L);
                fromArray(S, x, at + 3 * L).add(r3).intoArray(x, at + 3 * L);
            }
        }
        for (; j <= n - L; j += L) {
            FloatVector r0 = fromArray(S, row, ro + j);
            for (int i = 0; i < rows; i++) {
                int at = xo + i * ldx + j;
                fromArray(S, x, at).add(r0).intoArray(x, at);
            }
        }
        for (; j < n; j++) {
            for (int i = 0; i < rows; i++) {
                x[xo + i * ldx + j] += row[ro + j];
            }
        }
    }
}
