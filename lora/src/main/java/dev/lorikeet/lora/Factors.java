package dev.lorikeet.lora;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Elementwise;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Tensor;

/**
 * The two factors of a change of a weight.
 *
 * @param a (r, in)
 * @param b (out, r)
 */
public record Factors(Tensor a, Tensor b) {
    /** s·B·A (out, in). */
    public Tensor product(Compute compute, float scaling) {
        Tensor product = Tensor.zeros(b.dim(0), a.dim(1));
        Matmul.multiply(compute, Form.NN, 1f, b, a, product, false);
        Elementwise.scale(product, scaling, product);
        return product;
    }

    /** Factors whose B·A is the sum of both: A below A, B beside B. */
    public Factors plus(Factors other) {
        int rank = a.dim(0) + other.a.dim(0);
        Tensor rows = Tensor.zeros(rank, a.dim(1));
        rows.rows(0, a.dim(0)).set(a);
        rows.rows(a.dim(0), rank).set(other.a);
        Tensor columns = Tensor.zeros(b.dim(0), rank);
        for (int i = 0; i < b.dim(0); i++) {
            for (int k = 0; k < rank; k++) {
                columns.data()[i * rank + k] = k < b.dim(1) ? b.get(i, k) : other.b.get(i, k - b.dim(1));
            }
        }
        return new Factors(rows, columns);
    }

    /** With zeros, which change nothing, to a larger rank. */
    public Factors padded(int rank) {
        int missing = rank - a.dim(0);
        return missing == 0 ? this
                : plus(new Factors(Tensor.zeros(missing, a.dim(1)), Tensor.zeros(b.dim(0), missing)));
    }

    /** Factors whose B·A is {@code factor} times as much. */
    public Factors times(double factor) {
        Tensor scaled = a.copy();
        Elementwise.scale(scaled, (float) factor, scaled);
        return new Factors(scaled, b);
    }

    /** Σ of the products of the entries of two B·A, from the factors. */
    double dot(Compute compute, Factors other) {
        Tensor left = Tensor.zeros(b.dim(1), other.b.dim(1));
        Tensor right = Tensor.zeros(b.dim(1), other.b.dim(1));
        Matmul.multiply(compute, Form.TN, 1f, b, other.b, left, false);
        Matmul.multiply(compute, Form.NT, 1f, a, other.a, right, false);
        double sum = 0;
        for (int i = 0; i < left.size(); i++) {
            sum += (double) left.data()[i] * right.data()[i];
        }
        return sum;
    }
}
