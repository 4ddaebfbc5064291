package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Tensor;

import dev.lorikeet.tensor.kernel.Kernels;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link PackedProduct} does besides A·B (m, k)·(k, n), with each part of C while that is in the cache:
 *
 * <pre>
 * C = scale·(A·B) + H·L + bias + residual
 * activated = f(C)
 * </pre>
 *
 * <p>The terms are added in this order, with {@code scale} a factor of the finished sums: a sum that began with a large
 * bias would lose the digits of its small terms. A part that is null is left out.
 *
 * @param scale 1 for plain sums
 * @param bias (n), added to each row
 * @param residual (m, n), not C itself
 */
public record Epilogue(float scale, @Nullable LowRank lowRank, @Nullable Tensor bias, @Nullable Tensor residual,
        @Nullable Activated activated) {
    private static final Epilogue NONE = new Epilogue(1f, null, null, null, null);

    /**
     * A term H·L of rank r.
     *
     * @param h (m, r)
     * @param l (r, n)
     */
    public record LowRank(Tensor h, Tensor l) {}

    /**
     * Where f(C) goes.
     *
     * @param result (m, n), overwritten; may be C
     */
    public record Activated(Activation activation, Tensor result) {}

    /** C = A·B. */
    public static Epilogue none() {
        return NONE;
    }

    public Epilogue withScale(float scale) {
        return new Epilogue(scale, lowRank, bias, residual, activated);
    }

    public Epilogue withLowRank(Tensor h, Tensor l) {
        return new Epilogue(scale, new LowRank(h, l), bias, residual, activated);
    }

    public Epilogue withBias(@Nullable Tensor bias) {
        return new Epilogue(scale, lowRank, bias, residual, activated);
    }

    public Epilogue withResidual(@Nullable Tensor residual) {
        return new Epilogue(scale, lowRank, bias, residual, activated);
    }

    public Epilogue withActivated(Activation activation, Tensor result) {
        return new Epilogue(scale, lowRank, bias, residual, new Activated(activation, result));
    }
}
