package dev.lorikeet.lora;

/** How the factor on B·A falls with the rank. */
public enum Scaling {
    /** α/r (Hu et al. 2021, section 4.1). */
    LORA {
        @Override
        double of(int rank, double alpha) {
            return alpha / rank;
        }
    },
    /** α/√r: the only power of r that keeps outputs and gradients at one size (Kalajdzievski 2023, theorem 3.2). */
    RSLORA {
        @Override
        double of(int rank, double alpha) {
            return alpha / Math.sqrt(rank);
        }
    };

    abstract double of(int rank, double alpha);
}
