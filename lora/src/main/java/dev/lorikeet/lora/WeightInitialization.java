package dev.lorikeet.lora;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.linalg.Qr;
import dev.lorikeet.tensor.linalg.Svd;
import dev.lorikeet.transformer.io.InputException;

/** A and B from the weight that they adapt, by a decomposition of it. */
public sealed interface WeightInitialization extends Initialization {
    /**
     * A and B.
     *
     * @param weight W (out, in)
     * @param rank r, at most the smaller side of W
     * @param scaling s, the factor on B·A
     * @param key of the random numbers, if there are any
     */
    Factors of(Tensor weight, int rank, float scaling, long key);

    @Override
    default boolean changesBase() {
        return trainsB();
    }

    @Override
    default boolean trainsB() {
        return true;
    }

    /**
     * PiSSA (Meng et al. 2024, equations 2 to 4) [pissa]: s·B·A is the part of W with the r largest singular values,
     * shared between A and B, and what is left of W is frozen.
     */
    record Pissa() implements WeightInitialization {
        @Override
        public Factors of(Tensor weight, int rank, float scaling, long key) {
            return principal(Svd.of(weight), rank, scaling);
        }

        @Override
        public String toString() {
            return "pissa";
        }
    }

    /**
     * PiSSA by a random sketch, much faster and nearly as exact [pissa_niter_16]. The random numbers are always the
     * same, so that an adapter that was saved finds its W again; with PEFT's, which are not, W is off by as much as the
     * sketch is.
     *
     * @param iterations of the power method, 1,000 at most: 16 is much
     */
    record FastPissa(int iterations) implements WeightInitialization {
        private static final int MOST = 1000;

        /** @throws InputException if {@code iterations} is not in 0 … 1,000 */
        public FastPissa {
            FieldRules.require(iterations >= 0 && iterations <= MOST, "pissa_niter_N (init_lora_weights)",
                    "N must be in 0 … " + MOST + ", not " + iterations);
        }

        @Override
        public Factors of(Tensor weight, int rank, float scaling, long key) {
            return principal(Svd.leading(weight, rank, iterations, key), rank, scaling);
        }

        @Override
        public String toString() {
            return "pissa_niter_" + iterations;
        }
    }

    /**
     * OLoRA (Büyükakyüz 2024) [olora]: B and A are the first columns of Q and rows of R of W = Q·R, and what is left of
     * W is frozen.
     */
    record Olora() implements WeightInitialization {
        @Override
        public Factors of(Tensor weight, int rank, float scaling, long key) {
            Qr qr = Qr.of(weight, rank);
            return new Factors(qr.r(), qr.q());
        }

        @Override
        public String toString() {
            return "olora";
        }
    }

    /**
     * MiCA [mica]: B, which stays as it is, has the left singular vectors of W with the r smallest singular values; A
     * is zero.
     */
    record Mica() implements WeightInitialization {
        @Override
        public Factors of(Tensor weight, int rank, float scaling, long key) {
            Tensor left = Svd.of(weight).left();
            int first = left.dim(1) - rank;
            Tensor b = Tensor.zeros(left.dim(0), rank);
            for (int i = 0; i < b.dim(0); i++) {
                for (int k = 0; k < rank; k++) {
                    b.data()[i * rank + k] = left.get(i, first + k);
                }
            }
            return new Factors(Tensor.zeros(rank, weight.dim(1)), b);
        }

        @Override
        public boolean trainsB() {
            return false;
        }

        @Override
        public String toString() {
            return "mica";
        }
    }

    /** A = √(σ/s)·Vᵀ and B = U·√(σ/s). */
    private static Factors principal(Svd svd, int rank, float scaling) {
        Tensor a = svd.right().rows(0, rank).copy();
        Tensor left = svd.left();
        Tensor b = Tensor.zeros(left.dim(0), rank);
        for (int k = 0; k < rank; k++) {
            double root = Math.sqrt(svd.value(k) / scaling);
            for (int j = 0; j < a.dim(1); j++) {
                a.data()[k * a.dim(1) + j] *= (float) root;
            }
            for (int i = 0; i < b.dim(0); i++) {
                b.data()[i * rank + k] = (float) (left.get(i, k) * root);
            }
        }
        return new Factors(a, b);
    }
}
