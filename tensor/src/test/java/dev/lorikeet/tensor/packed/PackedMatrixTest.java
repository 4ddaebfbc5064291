package dev.lorikeet.tensor.packed;

import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.kernel.Values;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackedMatrixTest {
    private static final Compute COMPUTE = Cpu.shared();

    @ParameterizedTest
    @CsvSource({"0,3", "3,0", "1,1", "3,5", "16,64", "65,127", "127,33"})
    void holdsEveryElementOfAMatrixOrItsTranspose(int k, int n) {
        Tensor b = Values.ORDINARY.tensor(0, k, n);
        Tensor turned = Tensor.zeros(n, k);
        Matmul.transpose(Cpu.shared(), b, turned);
        PackedMatrix packed = PackedMatrix.of(COMPUTE.kernels(), b);
        PackedMatrix ofTransposed = PackedMatrix.ofTransposed(COMPUTE.kernels(), turned);
        float[] elements = b.toArray();
        b.fill(Float.NaN); // a copy was made
        turned.fill(Float.NaN);
        for (PackedMatrix matrix : new PackedMatrix[] {packed, ofTransposed}) {
            assertThat(matrix.rows()).isEqualTo(k);
            assertThat(matrix.columns()).isEqualTo(n);
            assertThat(matrix).asString().startsWith("PackedMatrix(" + k + ", " + n + ")");
            requireSameBits(timesIdentity(matrix), elements);
        }
    }

    private static float[] timesIdentity(PackedMatrix matrix) {
        Tensor identity = Tensor.zeros(matrix.rows(), matrix.rows());
        for (int i = 0; i < matrix.rows(); i++) {
            identity.data()[i * matrix.rows() + i] = 1f;
        }
        Tensor product = Values.unset(matrix.rows(), matrix.columns());
        PackedProduct.multiply(COMPUTE, identity, matrix, Epilogue.none(), product, false);
        return product.toArray();
    }
}
