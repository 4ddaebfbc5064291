package dev.lorikeet.tensor.kernel;

import java.util.Arrays;

/**
 * The methods of {@link Kernels} on rows, each as a function of up to three rows x, y and z of n values. The rows lie
 * in the middle of longer arrays; what is around an input is NaN, so that a read past its ends shows, and what is
 * around the output must stay as it was.
 */
public enum KernelMethod {
    SUM((kernels, n, x, y, z, out) -> out[At.OUT + n] = kernels.sum(n, x, At.X)),

    DOT((kernels, n, x, y, z, out) -> out[At.OUT + n] = kernels.dot(n, x, At.X, y, At.Y)),

    MAX((kernels, n, x, y, z, out) -> out[At.OUT + n] = kernels.max(n, x, At.X)),

    EXP((kernels, n, x, y, z, out) -> out[At.OUT + n] = kernels.exp(n, x, At.X, At.SCALE, At.SHIFT, out, At.OUT)),

    EXP_IN_PLACE((kernels, n, x, y, z, out) -> {
        System.arraycopy(x, At.X, out, At.OUT, n);
        out[At.OUT + n] = kernels.exp(n, out, At.OUT, At.SCALE, At.SHIFT, out, At.OUT);
    }),

    GELU((kernels, n, x, y, z, out) -> kernels.gelu(n, x, At.X, out, At.OUT)),

    GELU_IN_PLACE((kernels, n, x, y, z, out) -> {
        System.arraycopy(x, At.X, out, At.OUT, n);
        kernels.gelu(n, out, At.OUT, out, At.OUT);
    }),

    GELU_BACKWARD((kernels, n, x, y, z, out) -> kernels.geluBackward(n, x, At.X, y, At.Y, out, At.OUT)),

    GELU_BACKWARD_IN_PLACE((kernels, n, x, y, z, out) -> {
        System.arraycopy(y, At.Y, out, At.OUT, n);
        kernels.geluBackward(n, x, At.X, out, At.OUT, out, At.OUT);
    }),

    GELU_TANH((kernels, n, x, y, z, out) -> kernels.geluTanh(n, x, At.X, out, At.OUT)),

    GELU_TANH_IN_PLACE((kernels, n, x, y, z, out) -> {
        System.arraycopy(x, At.X, out, At.OUT, n);
        kernels.geluTanh(n, out, At.OUT, out, At.OUT);
    }),

    GELU_TANH_BACKWARD((kernels, n, x, y, z, out) -> kernels.geluTanhBackward(n, x, At.X, y, At.Y, out, At.OUT)),

    GELU_TANH_BACKWARD_IN_PLACE((kernels, n, x, y, z, out) -> {
        System.arraycopy(y, At.Y, out, At.OUT, n);
        kernels.geluTanhBackward(n, x, At.X, out, At.OUT, out, At.OUT);
    }),

    SILU((kernels, n, x, y, z, out) -> kernels.silu(n, x, At.X, out, At.OUT)),

    SILU_IN_PLACE((kernels, n, x, y, z, out) -> {
        System.arraycopy(x, At.X, out, At.OUT, n);
        kernels.silu(n, out, At.OUT, out, At.OUT);
    }),

    SILU_BACKWARD((kernels, n, x, y, z, out) -> kernels.siluBackward(n, x, At.X, y, At.Y, out, At.OUT)),

    SILU_BACKWARD_IN_PLACE((kernels, n, x, y, z, out) -> {
        System.arraycopy(y, At.Y, out, At.OUT, n);
        kernels.siluBackward(n, x, At.X, out, At.OUT, out, At.OUT);
    }),

    TANH((kernels, n, x, y, z, out) -> kernels.tanh(n, x, At.X, out, At.OUT)),

    TANH_IN_PLACE((kernels, n, x, y, z, out) -> {
        System.arraycopy(x, At.X, out, At.OUT, n);
        kernels.tanh(n, out, At.OUT, out, At.OUT);
    }),

    ERF((kernels, n, x, y, z, out) -> kernels.erf(n, x, At.X, out, At.OUT)),

    ERF_IN_PLACE((kernels, n, x, y, z, out) -> {
        System.arraycopy(x, At.X, out, At.OUT, n);
        kernels.erf(n, out, At.OUT, out, At.OUT);
    }),

    LOG((kernels, n, x, y, z, out) -> kernels.log(n, x, At.X, out, At.OUT)),

    LOG_IN_PLACE((kernels, n, x, y, z, out) -> {
        System.arraycopy(x, At.X, out, At.OUT, n);
        kernels.log(n, out, At.OUT, out, At.OUT);
    }),

    LAYER_NORM((kernels, n, x, y, z, out) -> kernels.layerNorm(n, x, At.X, y, At.Y, z, At.Z, At.EPS, out, At.OUT, out,
            At.OUT + n)),

    LAYER_NORM_BACKWARD((kernels, n, x, y, z, out) -> {
        kernels.layerNorm(n, x, At.X, y, At.Y, z, At.Z, At.EPS, out, At.OUT, out, At.OUT + n);
        kernels.layerNormBackward(n, x, At.X, y, At.Y, out, At.OUT + n, z, At.Z, out, At.OUT);
    }),

    RMS_NORM((kernels, n, x, y, z, out) -> kernels.rmsNorm(n, x, At.X, y, At.Y, At.EPS, out, At.OUT, out, At.OUT + n)),

    RMS_NORM_BACKWARD((kernels, n, x, y, z, out) -> {
        kernels.rmsNorm(n, x, At.X, y, At.Y, At.EPS, out, At.OUT, out, At.OUT + n);
        kernels.rmsNormBackward(n, x, At.X, y, At.Y, out, At.OUT + n, z, At.Z, out, At.OUT);
    });

    /** Where the rows begin in their arrays, and the numbers beside them. */
    interface At {
        int X = 3;
        int Y = 6;
        int Z = 17;
        int OUT = 5;
        float SCALE = 0.75f;
        float SHIFT = 1.5f;
        float EPS = 1e-12f;
    }

    private static final int AROUND = 40;
    private static final float UNTOUCHED = 123.25f;

    private interface Call {
        void run(Kernels kernels, int n, float[] x, float[] y, float[] z, float[] out);
    }

    private final Call call;

    KernelMethod(Call call) {
        this.call = call;
    }

    /** The n values of the output row; then those that are not of the row: a result, or the two statistics. */
    public float[] run(Kernels kernels, float[] x, float[] y, float[] z) {
        int n = x.length;
        float[] out = new float[n + AROUND];
        Arrays.fill(out, UNTOUCHED);
        call.run(kernels, n, surrounded(x, At.X), surrounded(y, At.Y), surrounded(z, At.Z), out);
        for (int i = 0; i < out.length; i++) {
            if ((i < At.OUT || i >= At.OUT + n + 2) && out[i] != UNTOUCHED) {
                throw new AssertionError(this + " of " + kernels.name() + " wrote past a row of " + n);
            }
        }
        return Arrays.copyOfRange(out, At.OUT, At.OUT + n + 2);
    }

    /** As {@link #run(Kernels, float[], float[], float[])} on n of {@code values}. */
    public float[] run(Kernels kernels, int n, Values values) {
        return run(kernels, values.row(0, n), values.row(1, n), values.row(2, n));
    }

    private static float[] surrounded(float[] row, int at) {
        float[] array = new float[row.length + AROUND];
        Arrays.fill(array, Float.NaN);
        System.arraycopy(row, 0, array, at, row.length);
        return array;
    }
}
