package dev.lorikeet.autograd.nn;

import dev.lorikeet.tensor.Attention;
import dev.lorikeet.tensor.Tensor;

/** Attention in double precision, as the formula has it, of tensors as they are. */
record NaiveAttention(Attention form, Tensor q, Tensor k, Tensor v) {
    /** softmax(scale·q·kᵀ)·v, one sequence; of causal queries the last belongs to the last key. */
    double[][] context() {
        int d = q.dim(1) / form.heads();
        double scale = form.scale() > 0 ? form.scale() : 1 / Math.sqrt(d);
        double[][] context = new double[q.dim(0)][q.dim(1)];
        for (int i = 0; i < q.dim(0); i++) {
            int seen = form.causal() ? k.dim(0) - q.dim(0) + i + 1 : k.dim(0);
            for (int head = 0; head < form.heads(); head++) {
                int at = head * d;
                int from = head / (form.heads() / form.kvHeads()) * d;
                double sum = 0;
                for (int j = 0; j < seen; j++) {
                    double score = 0;
                    for (int c = 0; c < d; c++) {
                        score += (double) q.get(i, at + c) * k.get(j, from + c);
                    }
                    double weight = Math.exp(score * scale);
                    sum += weight;
                    for (int c = 0; c < d; c++) {
                        context[i][at + c] += weight * v.get(j, from + c);
                    }
                }
                for (int c = 0; c < d; c++) {
                    context[i][at + c] /= sum;
                }
            }
        }
        return context;
    }
}
