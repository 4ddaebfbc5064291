package dev.lorikeet.lora.rank;

import dev.lorikeet.autograd.nn.Parameter;

/**
 * The rank-1 terms of one module's adapter: row i of A, λ_i and column i of B.
 *
 * @param path of the module in the model
 * @param a Q of the paper (r, in)
 * @param b P of the paper (out, r)
 * @param e the λ (r, 1)
 */
public record Triplets(String path, Parameter a, Parameter b, Parameter e) {
    /** The number of terms. */
    int count() {
        return e.value().size();
    }
}
