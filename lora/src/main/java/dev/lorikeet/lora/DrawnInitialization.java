package dev.lorikeet.lora;

import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;

/** A and B from random numbers alone. In all but {@link #NONE}, B·A is zero. */
public enum DrawnInitialization implements Initialization {
    /** A uniform in ±1/√in, which is Kaiming's with a = √5; B zero. PEFT's default, and that of the authors' code. */
    KAIMING {
        @Override
        void fill(Tensor a, Tensor b, long key) {
            Random.fillUniform(a, bound(a), Random.key(key, "lora_A"));
        }
    },
    /** A normal with deviation 1/r, B zero. The deviation falls with r, so rsLoRA's theorem does not hold with it. */
    GAUSSIAN {
        @Override
        void fill(Tensor a, Tensor b, long key) {
            Random.fillNormal(a, 1f / a.dim(0), Random.key(key, "lora_A"));
        }
    },
    /**
     * A = oddᵀ·G/10 and B = H·even/10 with G, H normal and the odd and even rows of one random orthogonal (r, r)
     * matrix: both factors are non-zero, yet B·A = 0. Needs an even r.
     */
    ORTHOGONAL {
        @Override
        void fill(Tensor a, Tensor b, long key) {
            int half = a.dim(0) / 2;
            double[][] q = orthogonal(a.dim(0), Random.key(key, "orthogonal"));
            Tensor g = normal(a.dim(1), half, Random.key(key, "lora_A"));
            Tensor h = normal(b.dim(0), half, Random.key(key, "lora_B"));
            for (int i = 0; i < a.dim(0); i++) {
                for (int j = 0; j < a.dim(1); j++) {
                    a.data()[i * a.dim(1) + j] = tenthOfSum(g, j, q, 0, i);
                }
                for (int j = 0; j < b.dim(0); j++) {
                    b.data()[j * a.dim(0) + i] = tenthOfSum(h, j, q, 1, i);
                }
            }
        }
    },
    /** A and B both as a new linear layer has them, so that the adapter changes the output at once: for tests. */
    NONE {
        @Override
        void fill(Tensor a, Tensor b, long key) {
            Random.fillUniform(a, bound(a), Random.key(key, "lora_A"));
            Random.fillUniform(b, bound(b), Random.key(key, "lora_B"));
        }
    };

    /**
     * Fills A and B, which are zero.
     *
     * @param key of the module's random numbers
     */
    abstract void fill(Tensor a, Tensor b, long key);

    @Override
    public boolean changesBase() {
        return false;
    }

    @Override
    public boolean trainsB() {
        return true;
    }

    private static float bound(Tensor matrix) {
        return (float) (1 / Math.sqrt(matrix.dim(1)));
    }

    private static Tensor normal(int rows, int columns, long key) {
        Tensor matrix = Tensor.zeros(rows, columns);
        Random.fillNormal(matrix, 1f, key);
        return matrix;
    }

    /** Σ_k g[row, k]·q[2k + parity, column] / 10. */
    private static float tenthOfSum(Tensor g, int row, double[][] q, int parity, int column) {
        double sum = 0;
        for (int k = 0; k < g.dim(1); k++) {
            sum += g.data()[row * g.dim(1) + k] * q[2 * k + parity][column];
        }
        return (float) (sum / 10);
    }

    /** A random orthogonal matrix: Gram and Schmidt on normal rows, each projection done twice against rounding. */
    private static double[][] orthogonal(int n, long key) {
        Tensor normal = normal(n, n, key);
        double[][] q = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                q[i][j] = normal.data()[i * n + j];
            }
            for (int pass = 0; pass < 2; pass++) {
                for (int k = 0; k < i; k++) {
                    add(q[i], -dot(q[i], q[k]), q[k]);
                }
            }
            double length = Math.sqrt(dot(q[i], q[i]));
            for (int j = 0; j < n; j++) {
                q[i][j] /= length;
            }
        }
        return q;
    }

    private static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int j = 0; j < x.length; j++) {
            sum += x[j] * y[j];
        }
        return sum;
    }

    private static void add(double[] x, double factor, double[] y) {
        for (int j = 0; j < x.length; j++) {
            x[j] += factor * y[j];
        }
    }
}
