package dev.lorikeet.tensor;

/**
 * Optimizer updates as one fused pass over a parameter and its state.
 *
 * <p>In the loops all arrays have one index: with an offset for each, C2 of JDK 25 cannot rule out that they overlap,
 * and makes no vector code (3.1 instead of 0.3 ns for an element of AdamW).
 */
public final class OptimizerSteps {
    private OptimizerSteps() {}

    /**
     * The coefficients of one AdamW step.
     *
     * @param rate the learning rate of this step
     * @param beta1 decay of the first moment
     * @param beta2 decay of the second moment
     * @param eps added to the root of the corrected second moment
     * @param decay the weight decay, decoupled from the gradient
     * @param step the number of this step, from 1
     */
    public record AdamW(double rate, double beta1, double beta2, double eps, double decay, int step) {}

    /**
     * The coefficients of one SGD step.
     *
     * @param rate the learning rate of this step
     * @param momentum decay of the buffer; 0 for plain gradient descent
     * @param decay the weight decay, a part of the gradient
     * @param nesterov whether to look one step of the buffer ahead
     */
    public record Sgd(double rate, double momentum, double decay, boolean nesterov) {}

    /**
     * The coefficients of one Lion step.
     *
     * @param rate the learning rate of this step
     * @param beta1 the share of the momentum in the direction of the update
     * @param beta2 decay of the momentum
     * @param decay the weight decay, decoupled from the gradient
     */
    public record Lion(double rate, double beta1, double beta2, double decay) {}

    /**
     * AdamW (Loshchilov and Hutter 2019, algorithm 2, in PyTorch's order): w ← w·(1 - rate·decay);
     * m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²; w ← w - rate/(1-β₁ᵗ)·m/(√v/√(1-β₂ᵗ) + eps).
     *
     * @param w the parameter; {@code g} its gradient; {@code m} and {@code v} its moments, all of one size
     */
    public static void adamW(AdamW s, Tensor w, Tensor g, Tensor m, Tensor v) {
        float[] wd = fromZero(w);
        float[] md = fromZero(m);
        float[] vd = fromZero(v);
        adamW(s, w.size(), wd, fromZero(g), md, vd);
        putBack(wd, w);
        putBack(md, m);
        putBack(vd, v);
    }

    private static void adamW(AdamW s, int n, float[] w, float[] g, float[] m, float[] v) {
        float shrink = (float) (1 - s.rate * s.decay);
        float b1 = (float) s.beta1;
        float c1 = (float) (1 - s.beta1);
        float b2 = (float) s.beta2;
        float c2 = (float) (1 - s.beta2);
        float stepSize = (float) (s.rate / (1 - StrictMath.pow(s.beta1, s.step)));
        float root = (float) (1 / Math.sqrt(1 - StrictMath.pow(s.beta2, s.step)));
        float eps = (float) s.eps;
        for (int i = 0; i < n; i++) {
            float first = Math.fma(b1, m[i], c1 * g[i]);
            float second = Math.fma(b2, v[i], c2 * g[i] * g[i]);
            m[i] = first;
            v[i] = second;
            float denominator = Math.fma((float) Math.sqrt(second), root, eps);
            w[i] = Math.fma(w[i], shrink, -stepSize * (first / denominator));
        }
    }

    /**
     * SGD with momentum as in PyTorch: g ← g + decay·w; b ← momentum·b + g; w ← w - rate·b, or with Nesterov's momentum
     * w ← w - rate·(g + momentum·b).
     *
     * @param w the parameter; {@code g} its gradient; {@code b} its buffer, zeros at first, all of one size
     */
    public static void sgd(Sgd s, Tensor w, Tensor g, Tensor b) {
        float[] wd = fromZero(w);
        float[] bd = fromZero(b);
        sgd(s, w.size(), wd, fromZero(g), bd);
        putBack(wd, w);
        putBack(bd, b);
    }

    private static void sgd(Sgd s, int n, float[] w, float[] g, float[] b) {
        float rate = (float) -s.rate;
        float momentum = (float) s.momentum;
        float decay = (float) s.decay;
        float ahead = s.nesterov ? momentum : 1f; // of the buffer
        float own = s.nesterov ? 1f : 0f; // of the gradient
        for (int i = 0; i < n; i++) {
            float gradient = Math.fma(decay, w[i], g[i]);
            float buffer = Math.fma(momentum, b[i], gradient);
            b[i] = buffer;
            w[i] = Math.fma(rate, Math.fma(ahead, buffer, own * gradient), w[i]);
        }
    }

    /**
     * Lion (Chen et al. 2023, algorithm 2): w ← w·(1 - rate·decay) - rate·sign(β₁m + (1-β₁)g); m ← β₂m + (1-β₂)g.
     *
     * @param w the parameter; {@code g} its gradient; {@code m} its momentum, zeros at first, all of one size
     */
    public static void lion(Lion s, Tensor w, Tensor g, Tensor m) {
        float[] wd = fromZero(w);
        float[] md = fromZero(m);
        lion(s, w.size(), wd, fromZero(g), md);
        putBack(wd, w);
        putBack(md, m);
    }

    private static void lion(Lion s, int n, float[] w, float[] g, float[] m) {
        float shrink = (float) (1 - s.rate * s.decay);
        float rate = (float) -s.rate;
        float b1 = (float) s.beta1;
        float c1 = (float) (1 - s.beta1);
        float b2 = (float) s.beta2;
        float c2 = (float) (1 - s.beta2);
        for (int i = 0; i < n; i++) {
            float direction = Math.signum(Math.fma(b1, m[i], c1 * g[i]));
            m[i] = Math.fma(b2, m[i], c2 * g[i]);
            w[i] = Math.fma(w[i], shrink, rate * direction);
        }
    }

    /** The elements of x from index 0 on: its own array, except for a view. */
    private static float[] fromZero(Tensor x) {
        return x.offset() == 0 ? x.data() : x.toArray();
    }

    private static void putBack(float[] elements, Tensor x) {
        if (elements != x.data()) {
            System.arraycopy(elements, 0, x.data(), x.offset(), x.size());
        }
    }
}
