package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.Rounding.requireSameBits;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link VectorKernels} at the width of this machine, bit for bit against the specification. */
class VectorKernelsTest {
    private static final Kernels SCALAR = new ScalarKernels();
    private static final Kernels VECTOR = new VectorKernels();

    static List<Arguments> methods() {
        List<Arguments> arguments = new ArrayList<>();
        for (KernelMethod method : KernelMethod.values()) {
            for (Values values : Values.values()) {
                if (method != KernelMethod.MAX || values != Values.NAN) { // the one case that is left open
                    arguments.add(Arguments.of(method, values));
                }
            }
        }
        return arguments;
    }

    @ParameterizedTest
    @MethodSource("methods")
    void rowsHaveTheSameBits(KernelMethod method, Values values) {
        for (int n : new int[] {0, 1, 7, 15, 16, 17, 31, 33, 127, 1000}) {
            requireSameBits(method.run(VECTOR, n, values), method.run(SCALAR, n, values));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.lorikeet.tensor.kernel.KernelProduct#all")
    void productsHaveTheSameBits(KernelProduct product) {
        for (Values values : Values.values()) {
            requireSameBits(product.run(VECTOR, values), product.run(SCALAR, values));
            requireSameBits(product.runByColumns(VECTOR, values), product.run(SCALAR, values));
        }
    }

    @ParameterizedTest
    @EnumSource
    void blocksOfAttentionHaveTheSameBits(BlockMethod method) {
        for (Values values : Values.values()) {
            for (int size : new int[] {1, 2, 3, 5, 7, 15, 16, 17, 31, 33, 63, 64}) {
                for (int n : new int[] {1, 7, 16, 33, 64, 80}) {
                    requireSameBits(method.run(VECTOR, values, size, 65 - size, n),
                            method.run(SCALAR, values, size, 65 - size, n));
                }
            }
        }
    }
}
