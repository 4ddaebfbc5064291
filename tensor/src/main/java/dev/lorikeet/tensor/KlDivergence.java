package dev.lorikeet.tensor;

/** The Kullback-Leibler divergence of rows of log-probabilities, forward beside backward. */
public final class KlDivergence {
    private KlDivergence() {}

    /**
     * The mean over rows of KL(p‖q) = Σ p·(log p - log q); NaN for no rows.
     *
     * @param logP (rows, n), as all
     * @param p takes e^(log p)
     * @param difference takes log p - log q, which the gradients need too
     */
    public static float forward(Compute compute, Tensor logP, Tensor logQ, Tensor p, Tensor difference) {
        Softmax.exp(compute, logP, p);
        difference.set(logP);
        Elementwise.addScaled(logQ, -1f, difference);
        return (float) (Reductions.dot(compute, p, difference) / logP.shape().rows());
    }

    /** dlogP = p·(log p - log q + 1)·dloss/rows. dlogP may be p or difference. */
    public static void pBackward(Tensor p, Tensor difference, float dloss, Tensor dlogP) {
        float factor = dloss / p.shape().rows();
        for (int i = 0; i < p.size(); i++) {
            dlogP.data()[dlogP.offset() + i] = factor * p.data()[p.offset() + i]
                    * (difference.data()[difference.offset() + i] + 1f);
        }
    }

    /** dlogQ = -p·dloss/rows. dlogQ may be p. */
    public static void qBackward(Tensor p, float dloss, Tensor dlogQ) {
        Elementwise.scale(p, -dloss / p.shape().rows(), dlogQ);
    }
}
