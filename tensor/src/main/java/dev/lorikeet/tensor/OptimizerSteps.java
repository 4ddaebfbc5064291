package dev.lorikeet.tensor;

/** Optimizer updates as one fused pass over a parameter and its state. */
public final class OptimizerSteps {
    private OptimizerSteps() {}

    /** The coefficients of one AdamW step, for any number of parameters. */
    public static final class AdamW {
        private final float shrink;
        private final float b1;
        private final float c1;
        private final float b2;
        private final float c2;
        private final float stepSize;
        private final float root;
        private final float eps;

        /**
         * @param rate the learning rate of this step
         * @param beta1 decay of the first moment
         * @param beta2 decay of the second moment
         * @param eps added to the root of the corrected second moment
         * @param decay the weight decay, decoupled from the gradient
         * @param step the number of this step, from 1
         */
        public AdamW(double rate, double beta1, double beta2, double eps, double decay, int step) {
            shrink = (float) (1 - rate * decay);
            b1 = (float) beta1;
            c1 = (float) (1 - beta1);
            b2 = (float) beta2;
            c2 = (float) (1 - beta2);
            stepSize = (float) (rate / (1 - StrictMath.pow(beta1, step)));
            root = (float) (1 / Math.sqrt(1 - StrictMath.pow(beta2, step)));
            this.eps = (float) eps;
        }
    }

    /**
     * AdamW (Loshchilov and Hutter 2019, algorithm 2, in PyTorch's order): w ← w·(1 - rate·decay);
     * m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²; w ← w - rate/(1-β₁ᵗ)·m/(√v/√(1-β₂ᵗ) + eps).
     *
     * @param w the parameter; {@code g} its gradient; {@code m} and {@code v} its moments, all of one size
     */
    public static void adamW(AdamW s, Tensor w, Tensor g, Tensor m, Tensor v) {
        float shrink = s.shrink; // locals: fields would be read again after each store
        float b1 = s.b1;
        float c1 = s.c1;
        float b2 = s.b2;
        float c2 = s.c2;
        float stepSize = s.stepSize;
        float root = s.root;
        float eps = s.eps;
        float[] wd = w.data();
        float[] gd = g.data();
        float[] md = m.data();
        float[] vd = v.data();
        int wo = w.offset();
        int go = g.offset();
        int mo = m.offset();
        int vo = v.offset();
        for (int i = 0; i < w.size(); i++) {
            float gradient = gd[go + i];
            float first = Math.fma(b1, md[mo + i], c1 * gradient);
            float second = Math.fma(b2, vd[vo + i], c2 * gradient * gradient);
            md[mo + i] = first;
            vd[vo + i] = second;
            float denominator = Math.fma((float) Math.sqrt(second), root, eps);
            wd[wo + i] = Math.fma(wd[wo + i], shrink, -stepSize * (first / denominator));
        }
    }
}
