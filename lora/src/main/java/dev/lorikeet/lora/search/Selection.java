package dev.lorikeet.lora.search;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.ReductionOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How the selection variables β (k) of a module become the weights α of its rank-1 terms, and which of these are worth
 * keeping (Zhang et al. 2024, sections 3.1 and 4.6).
 */
public enum Selection {
    /** α = softmax(β); a term stays where α ≥ 1/k, its share if all were alike. The paper's. */
    SOFTMAX {
        @Override
        Variable weights(Tape tape, Variable beta) {
            return ReductionOps.softmax(tape, beta);
        }

        /** log of the mean of exp(β): there α is 1/k. */
        @Override
        double threshold(double[] beta) {
            double largest = Arrays.stream(beta).max().orElseThrow();
            return largest + StrictMath.log(Arrays.stream(beta).map(b -> StrictMath.exp(b - largest)).sum()
                    / beta.length);
        }
    },
    /** α = σ(β), each for itself; a term stays where α ≥ 0.5. A module may lose all of its terms. */
    SIGMOID {
        @Override
        Variable weights(Tape tape, Variable beta) {
            return ElementOps.sigmoid(tape, beta);
        }

        @Override
        double threshold(double[] beta) {
            return 0;
        }
    },
    /** α = β; a term stays where α is at least the mean of its module. */
    UNCONSTRAINED {
        @Override
        Variable weights(Tape tape, Variable beta) {
            return beta;
        }

        @Override
        double threshold(double[] beta) {
            return Arrays.stream(beta).sum() / beta.length;
        }

        @Override
        float start(double share) {
            return (float) share;
        }
    };

    /** Below the threshold by so much, a β still counts: all are equal at first, and rounding may part them. */
    private static final double TOLERANCE = 1e-7;
    /** The least of {@link #start}'s shares, so that a score of 0 has a logarithm. */
    private static final double LEAST_SHARE = 1e-6;

    /** The weights α (k), of β (k). */
    abstract Variable weights(Tape tape, Variable beta);

    /** The β from which on a term stays. α grows with β, so that this is where α reaches its threshold. */
    abstract double threshold(double[] beta);

    /** The β of a term whose score is {@code share} times the mean of its module. */
    float start(double share) {
        return (float) StrictMath.log(share);
    }

    /** How many terms stay. */
    int rank(Tensor beta) {
        double[] wide = IntStream.range(0, beta.size()).mapToDouble(beta::get).toArray();
        double least = threshold(wide) - TOLERANCE;
        return (int) Arrays.stream(wide).filter(b -> b >= least).count();
    }

    /**
     * The β (k) from which a search starts that knows scores of the terms, such as AdaLoRA's: with softmax, α is each
     * one's part of their sum.
     *
     * @param scores at least 0; where nothing is known, all alike, as they are if their sum is 0
     */
    Tensor start(float[] scores) {
        double sum = 0;
        for (float score : scores) {
            sum += score;
        }
        Tensor beta = Tensor.zeros(scores.length);
        for (int j = 0; j < scores.length; j++) {
            beta.data()[j] = start(sum == 0 ? 1 : Math.max(LEAST_SHARE, scores[j] / sum * scores.length));
        }
        return beta;
    }
}
