package dev.lorikeet.lora.rank;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.ReductionOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;

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

        @Override
        double[] weights(double[] beta) {
            double largest = Double.NEGATIVE_INFINITY;
            for (double b : beta) {
                largest = Math.max(largest, b);
            }
            double sum = 0;
            double[] weights = new double[beta.length];
            for (int j = 0; j < beta.length; j++) {
                weights[j] = StrictMath.exp(beta[j] - largest);
                sum += weights[j];
            }
            for (int j = 0; j < beta.length; j++) {
                weights[j] /= sum;
            }
            return weights;
        }

        @Override
        double threshold(double[] weights) {
            return 1.0 / weights.length;
        }

        @Override
        float start(double share) {
            return (float) StrictMath.log(share);
        }
    },
    /** α = σ(β), each for itself; a term stays where α ≥ 0.5. A module may lose all of its terms. */
    SIGMOID {
        @Override
        Variable weights(Tape tape, Variable beta) {
            return ElementOps.sigmoid(tape, beta);
        }

        @Override
        double[] weights(double[] beta) {
            double[] weights = new double[beta.length];
            for (int j = 0; j < beta.length; j++) {
                weights[j] = 1 / (1 + StrictMath.exp(-beta[j]));
            }
            return weights;
        }

        @Override
        double threshold(double[] weights) {
            return 0.5;
        }

        @Override
        float start(double share) {
            return (float) StrictMath.log(share);
        }
    },
    /** α = β; a term stays where α is at least the mean of its module. */
    UNCONSTRAINED {
        @Override
        Variable weights(Tape tape, Variable beta) {
            return beta;
        }

        @Override
        double[] weights(double[] beta) {
            return beta.clone();
        }

        @Override
        double threshold(double[] weights) {
            double sum = 0;
            for (double weight : weights) {
                sum += weight;
            }
            return sum / weights.length;
        }

        @Override
        float start(double share) {
            return (float) share;
        }
    };

    /** Below the threshold by so much, a weight still counts: all are equal at first, and rounding may part them. */
    private static final double TOLERANCE = 1e-7;
    /** The least of {@link #start}'s shares, so that a score of 0 has a logarithm. */
    private static final double LEAST_SHARE = 1e-6;

    /** The weights α (k), of β (k). */
    abstract Variable weights(Tape tape, Variable beta);

    /** The weights α (k) in double precision. */
    abstract double[] weights(double[] beta);

    /** From where on a term stays. */
    abstract double threshold(double[] weights);

    /** The β of a term whose score is {@code share} times the mean of its module. */
    abstract float start(double share);

    /** How many terms stay. */
    int rank(Tensor beta) {
        double[] wide = new double[beta.size()];
        for (int j = 0; j < wide.length; j++) {
            wide[j] = beta.get(j);
        }
        double[] weights = weights(wide);
        double threshold = threshold(weights);
        int rank = 0;
        for (double weight : weights) {
            rank += weight >= threshold - TOLERANCE ? 1 : 0;
        }
        return rank;
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
