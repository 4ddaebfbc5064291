package dev.lorikeet.lora;

import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.linalg.Qr;

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
            Tensor q = Qr.of(normal(a.dim(0), a.dim(0), Random.key(key, "orthogonal")), a.dim(0)).q();
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
    private static float tenthOfSum(Tensor g, int row, Tensor q, int parity, int column) {
        double sum = 0;
        for (int k = 0; k < g.dim(1); k++) {
            sum += (double) g.get(row, k) * q.get(2 * k + parity, column);
        }
        return (float) (sum / 10);
    }
}
