package dev.lorikeet.autograd.optim;

import dev.lorikeet.tensor.OptimizerSteps;
import dev.lorikeet.tensor.Tensor;

/** AdamW with AMSGrad (Reddi et al. 2018, algorithm 2), in PyTorch's order. */
final class Amsgrad {
    private Amsgrad() {}

    /** As {@link OptimizerSteps#adamW}, with {@code most}, the largest second moment so far, below the root. */
    static void step(OptimizerSteps.AdamW s, Tensor w, Tensor g, Tensor m, Tensor v, Tensor most) {
        float shrink = (float) (1 - s.rate() * s.decay());
        float b1 = (float) s.beta1();
        float c1 = (float) (1 - s.beta1());
        float b2 = (float) s.beta2();
        float c2 = (float) (1 - s.beta2());
        float stepSize = (float) (s.rate() / (1 - StrictMath.pow(s.beta1(), s.step())));
        float root = (float) (1 / Math.sqrt(1 - StrictMath.pow(s.beta2(), s.step())));
        float eps = (float) s.eps();
        float[] wd = w.data();
        int at = w.offset();
        float[] gd = g.data();
        int from = g.offset();
        float[] md = m.data(); // the state is an optimizer's own: from index 0 on
        float[] vd = v.data();
        float[] largest = most.data();
        for (int i = 0; i < w.size(); i++) {
            float gradient = gd[from + i];
            md[i] = Math.fma(b1, md[i], c1 * gradient);
            vd[i] = Math.fma(b2, vd[i], c2 * gradient * gradient);
            largest[i] = Math.max(largest[i], vd[i]);
            float denominator = Math.fma((float) Math.sqrt(largest[i]), root, eps);
            wd[at + i] = Math.fma(wd[at + i], shrink, -stepSize * (md[i] / denominator));
        }
    }
}
