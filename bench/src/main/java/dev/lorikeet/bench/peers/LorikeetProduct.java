package dev.lorikeet.bench.peers;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.packed.Epilogue;
import dev.lorikeet.tensor.packed.PackedMatrix;
import dev.lorikeet.tensor.packed.PackedProduct;

/** Our matrix products. */
final class LorikeetProduct implements Task {
    private final Runnable product;
    private final Tensor c;

    private LorikeetProduct(Runnable product, Tensor c) {
        this.product = product;
        this.c = c;
    }

    static Task prepare(Compute compute, Work.Product work) {
        int m = work.m();
        int n = work.n();
        int k = work.k();
        float[] left = Inputs.uniform(1, m * k);
        float[] right = Inputs.uniform(2, k * n);
        Tensor a = work.form().turnsA() ? Tensor.of(left, k, m) : Tensor.of(left, m, k);
        Tensor b = work.form().turnsB() ? Tensor.of(right, n, k)
                : Tensor.of(right, k, n);
        Tensor c = Tensor.zeros(m, n);
        return new LorikeetProduct(product(compute, work, a, b, c), c);
    }

    private static Runnable product(Compute compute, Work.Product work, Tensor a, Tensor b, Tensor c) {
        return switch (work.form()) {
            case PACKED -> {
                PackedMatrix packed = PackedMatrix.ofTransposed(compute.kernels(), b);
                yield () -> PackedProduct.multiply(compute, a, packed, Epilogue.none(), c, false);
            }
            case NN -> () -> Matmul.multiply(compute, Matmul.Form.NN, 1f, a, b, c, false);
            case NT -> () -> Matmul.multiply(compute, Matmul.Form.NT, 1f, a, b, c, false);
            case TN -> () -> Matmul.multiply(compute, Matmul.Form.TN, 1f, a, b, c, false);
        };
    }

    @Override
    public void run() {
        product.run();
    }

    @Override
    public double digest() {
        return Digest.of(c.data());
    }
}
