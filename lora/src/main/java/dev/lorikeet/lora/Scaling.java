package dev.lorikeet.lora;

import dev.lorikeet.transformer.io.InputException;

/** The factor on B·A, from rank and α. {@link LoraConfig#scaling(int, double)} is where it is asked. */
public sealed interface Scaling {
    /** α/r (Hu et al. 2021, section 4.1). */
    Scaling LORA = new AlphaOverRank();

    /** α/√r: the only power of r that keeps outputs and gradients at one size (Kalajdzievski 2023, theorem 3.2). */
    Scaling RSLORA = new AlphaOverRoot();

    /**
     * One factor for every rank and α. PEFT has no such field: files hold the α whose α/r is this.
     *
     * @throws InputException if it is not a positive number
     */
    static Scaling custom(double factor) {
        return new Custom(factor);
    }

    double of(int rank, double alpha);

    /** {@link #LORA}. */
    record AlphaOverRank() implements Scaling {
        @Override
        public double of(int rank, double alpha) {
            return alpha / rank;
        }
    }

    /** {@link #RSLORA}. */
    record AlphaOverRoot() implements Scaling {
        @Override
        public double of(int rank, double alpha) {
            return alpha / Math.sqrt(rank);
        }
    }

    /** {@link #custom}. */
    record Custom(double factor) implements Scaling {
        public Custom {
            if (!(factor > 0 && factor <= Float.MAX_VALUE)) {
                throw new InputException("scaling: must be a positive number, not " + factor);
            }
        }

        @Override
        public double of(int rank, double alpha) {
            return factor;
        }
    }
}
