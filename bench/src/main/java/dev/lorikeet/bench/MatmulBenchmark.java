package dev.lorikeet.bench;

import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.packed.Epilogue;
import dev.lorikeet.tensor.packed.PackedMatrix;
import dev.lorikeet.tensor.packed.PackedProduct;
import org.openjdk.jmh.annotations.Benchmark;

/** Matrix products on one thread at the sizes of a layer of MiniLM: 512 rows, hidden 384, an adapter of rank 8. */
public class MatmulBenchmark extends OneThread {
    private static final int ROWS = 512;
    private static final int HIDDEN = 384;
    private static final int RANK = 8;

    private final Tensor x = normal(1, ROWS, HIDDEN);
    private final Tensor turned = normal(2, HIDDEN, ROWS);
    private final Tensor weight = normal(3, HIDDEN, HIDDEN);
    private final Tensor bias = normal(4, HIDDEN);
    private final Tensor a = normal(5, RANK, HIDDEN);
    private final Tensor h = normal(6, ROWS, RANK);
    private final Tensor y = Tensor.zeros(ROWS, HIDDEN);
    private final Tensor reduced = Tensor.zeros(ROWS, RANK);
    private final Tensor gradient = Tensor.zeros(RANK, HIDDEN);

    private PackedMatrix packed = PackedMatrix.of(compute.kernels(), weight);

    @Override
    protected void prepare() {
        packed = PackedMatrix.of(compute.kernels(), weight);
    }

    /** 512 × 384 × 384, 151 MFLOP. */
    @Benchmark
    public Tensor nn() {
        return multiply(Form.NN, x, weight, y);
    }

    @Benchmark
    public Tensor nt() {
        return multiply(Form.NT, x, weight, y);
    }

    @Benchmark
    public Tensor tn() {
        return multiply(Form.TN, turned, weight, y);
    }

    /** The same with a weight packed before, and a bias. */
    @Benchmark
    public Tensor packed() {
        PackedProduct.multiply(compute, x, packed, Epilogue.none().withBias(bias), y, false);
        return y;
    }

    /** An adapter's first factor, 512 × 384 × 8, 3.1 MFLOP. */
    @Benchmark
    public Tensor toRank8() {
        return multiply(Form.NT, x, a, reduced);
    }

    /** Its second, 512 × 8 × 384. */
    @Benchmark
    public Tensor fromRank8() {
        return multiply(Form.NN, h, a, y);
    }

    /** Its gradient, 8 × 512 × 384. */
    @Benchmark
    public Tensor gradientOfRank8() {
        return multiply(Form.TN, h, x, gradient);
    }

    private Tensor multiply(Form form, Tensor lhs, Tensor rhs, Tensor result) {
        Matmul.multiply(compute, form, 1f, lhs, rhs, result, false);
        return result;
    }
}
