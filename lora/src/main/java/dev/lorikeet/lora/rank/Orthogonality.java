package dev.lorikeet.lora.rank;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.LinearOps;
import dev.lorikeet.autograd.ReductionOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Tensor;
import java.util.List;

/**
 * AdaLoRA's regulariser as both codes have it: the weighted mean of ‖A·Aᵀ - I‖ and ‖Bᵀ·B - I‖ over all A and B, in
 * Frobenius's norm. The paper sums the squares (Zhang et al. 2023, equation 4).
 */
final class Orthogonality {
    private Orthogonality() {}

    /**
     * The regulariser, a scalar (1). Its gradient where a matrix is exactly orthogonal is zero; masked terms count, and
     * a module of rank 0 counts in the mean with norms of 0.
     *
     * @param modules at least one
     */
    static Variable penalty(Tape tape, List<Triplets> modules, double weight) {
        Variable[] norms = new Variable[2 * modules.size()];
        for (int i = 0; i < modules.size(); i++) {
            Variable a = modules.get(i).a();
            Variable b = modules.get(i).b();
            norms[2 * i] = distance(tape, LinearOps.matmul(tape, Form.NT, a, a));
            norms[2 * i + 1] = distance(tape, LinearOps.matmul(tape, Form.TN, b, b));
        }
        return ElementOps.scale(tape, ReductionOps.mean(tape, ShapeOps.concat(tape, 0, norms)),
                (float) weight);
    }

    /** ‖gram - I‖. */
    private static Variable distance(Tape tape, Variable gram) {
        int r = gram.value().dim(0);
        Tensor identity = Tensor.zeros(r, r);
        for (int i = 0; i < r; i++) {
            identity.data()[i * r + i] = 1;
        }
        return ReductionOps.norm(tape, ElementOps.subtract(tape, gram, Variable.constant(identity)));
    }
}
