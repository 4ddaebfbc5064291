package dev.lorikeet.bench;

import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.packed.Epilogue;
import dev.lorikeet.tensor.packed.PackedMatrix;
import dev.lorikeet.tensor.packed.PackedProduct;
import org.openjdk.jmh.annotations.Benchmark;

/**
 * What a LoRA adapter of rank 8 adds to a frozen 384 × 384 linear layer, on one thread with 512 rows: y = xWᵀ + b
 * against y = xWᵀ + b + s·(xAᵀ)Bᵀ, and dx = dy·W against the same with the adapter's part and the gradients of A and B.
 */
public class AdapterBenchmark extends OneThread {
    private static final int ROWS = 512;
    private static final int HIDDEN = 384;
    private static final int RANK = 8;
    private static final float SCALING = 2f;

    private final Tensor x = normal(1, ROWS, HIDDEN);
    private final Tensor dy = normal(2, ROWS, HIDDEN);
    private final Tensor weight = normal(3, HIDDEN, HIDDEN);
    private final Tensor bias = normal(4, HIDDEN);
    private final Tensor a = normal(5, RANK, HIDDEN);
    private final Tensor b = normal(6, HIDDEN, RANK);
    private final Tensor turnedB = normal(7, RANK, HIDDEN);
    private final Tensor h = normal(8, ROWS, RANK);
    private final Tensor y = Tensor.zeros(ROWS, HIDDEN);
    private final Tensor dx = Tensor.zeros(ROWS, HIDDEN);
    private final Tensor dh = Tensor.zeros(ROWS, RANK);
    private final Tensor da = Tensor.zeros(RANK, HIDDEN);
    private final Tensor db = Tensor.zeros(RANK, HIDDEN);

    private PackedMatrix packed = PackedMatrix.of(compute.kernels(), weight);

    @Override
    protected void prepare() {
        packed = PackedMatrix.of(compute.kernels(), weight);
    }

    @Benchmark
    public Tensor forward() {
        PackedProduct.multiply(compute, x, packed, Epilogue.none().withBias(bias), y, false);
        return y;
    }

    @Benchmark
    public Tensor forwardAdapted() {
        Matmul.multiply(compute, Form.NT, SCALING, x, a, h, false);
        PackedProduct.multiply(compute, x, packed, Epilogue.none().withBias(bias).withLowRank(h, turnedB), y, false);
        return y;
    }

    @Benchmark
    public Tensor backward() {
        PackedProduct.multiply(compute, dy, packed, Epilogue.none(), dx, false);
        return dx;
    }

    @Benchmark
    public Tensor backwardAdapted() {
        Matmul.multiply(compute, Form.NN, SCALING, dy, b, dh, false);
        Matmul.multiply(compute, Form.TN, 1f, h, dy, db, false);
        Matmul.multiply(compute, Form.TN, 1f, dh, x, da, false);
        PackedProduct.multiply(compute, dy, packed, Epilogue.none().withLowRank(dh, a), dx, false);
        return dx;
    }
}
