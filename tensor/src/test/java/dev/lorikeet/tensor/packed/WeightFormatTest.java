package dev.lorikeet.tensor.packed;

import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static dev.lorikeet.tensor.kernel.Values.ORDINARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.tensor.Chain;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.Workers;
import dev.lorikeet.tensor.kernel.Kernels;
import dev.lorikeet.tensor.kernel.ScalarKernels;
import dev.lorikeet.tensor.kernel.StartingStates;
import dev.lorikeet.tensor.kernel.Values;
import dev.lorikeet.tensor.kernel.VectorKernels;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class WeightFormatTest {
    private static final Kernels SCALAR = new ScalarKernels();
    private static final Kernels VECTOR = new VectorKernels();

    /** Every format both ways, with rows and columns on both sides of a panel, of a chain and of a block. */
    static List<Arguments> weights() {
        List<Arguments> arguments = new ArrayList<>();
        for (WeightFormat format : WeightFormat.values()) {
            int block = format.blockLength();
            int[][] shapes = block == 1 ? new int[][] {{1, 1}, {64, 128}, {65, 127}, {127, 65}, {131, 258}, {3, 0}}
                    : new int[][] {{1, block}, {64, 256}, {65, block}, {131, Math.max(160, 2 * block)}, {0, block}};
            for (int[] shape : shapes) {
                arguments.add(Arguments.of(format, shape[0], shape[1], true));
                arguments.add(Arguments.of(format, shape[0], shape[1], false));
            }
        }
        return arguments;
    }

    @ParameterizedTest
    @MethodSource("weights")
    void aProductIsThatWithTheWeightsThatAreMeant(WeightFormat format, int rows, int columns, boolean transposed) {
        StoredWeight weight = StoredWeight.of(format, rows, columns);
        Tensor b = weight.matrix(transposed);
        for (Kernels kernels : new Kernels[] {SCALAR, VECTOR, StartingStates.COLD}) {
            PackedMatrix packed = weight.pack(kernels, transposed);
            assertThat(packed).asString().startsWith("PackedMatrix(" + b.dim(0) + ", " + b.dim(1) + ") of " + format);
            for (int m : new int[] {1, 2, 7}) {
                Tensor a = ORDINARY.tensor(0, m, b.dim(0));
                Tensor c = ORDINARY.tensor(3, m, b.dim(1));
                Tensor start = c.copy();
                PackedProduct.multiply(new Cpu(kernels, new Workers(1)), a, packed, Epilogue.none(), c, true);
                requireSameBits(c.toArray(), weight.product(a, start, true, transposed).toArray());
                PackedProduct.multiply(new Cpu(kernels, new Workers(1)), a, packed, Epilogue.none(), c, false);
                requireSameBits(c.toArray(), weight.product(a, start, false, transposed).toArray());
                Chain.zeros(m * b.dim(1)).plus(a, b).requireClose(c.toArray());
            }
        }
    }

    /** The weights themselves, where a product would lose the sign of a zero. */
    @ParameterizedTest
    @MethodSource("weights")
    void weightsAreDecodedBitForBit(WeightFormat format, int rows, int columns, boolean transposed) {
        StoredWeight weight = StoredWeight.of(format, rows, columns);
        for (Kernels kernels : new Kernels[] {SCALAR, VECTOR, StartingStates.COLD}) {
            if (weight.pack(kernels, transposed).panels instanceof CodedPanels panels) {
                requireSameBits(decoded(kernels, panels), weight.factors(transposed).toArray());
            } else {
                assertThat(format).isEqualTo(WeightFormat.F32);
            }
        }
    }

    private static float[] decoded(Kernels kernels, CodedPanels panels) {
        PanelGrid grid = panels.grid;
        float[] matrix = new float[grid.k() * grid.n()];
        CodedPanels.Room room = CodedPanels.Room.own(grid.width());
        for (int p = 0; p < grid.k(); p += Kernels.CHAIN) {
            int steps = Math.min(Kernels.CHAIN, grid.k() - p);
            for (int j = 0; j < grid.n(); j += grid.width()) {
                panels.decode(kernels.decoding(), j, p, steps, room);
                for (int i = 0; i < steps; i++) {
                    System.arraycopy(room.weights, i * grid.width(), matrix, (p + i) * grid.n() + j,
                            Math.min(grid.width(), grid.n() - j));
                }
            }
        }
        return matrix;
    }

    @ParameterizedTest
    @EnumSource
    void theBitsOfARowDoNotDependOnOtherRows(WeightFormat format) {
        PackedMatrix packed = StoredWeight.of(format, 200, 512).pack(VECTOR, true);
        Tensor a = ORDINARY.tensor(0, 103, 512);
        Tensor all = product(a, packed);
        for (int i : new int[] {0, 1, 5, 47, 48, 102}) {
            requireSameBits(product(a.rows(i, i + 1), packed).toArray(), all.rows(i, i + 1).toArray());
            requireSameBits(product(a.rows(0, i + 1), packed).rows(i, i + 1).toArray(), all.rows(i, i + 1).toArray());
        }
    }

    private static Tensor product(Tensor a, PackedMatrix packed) {
        Tensor c = Values.unset(a.dim(0), packed.columns());
        PackedProduct.multiply(Cpu.shared(), a, packed, Epilogue.none(), c, false);
        return c;
    }

    /** Decoded by another library, see make_gguf_blocks.py. */
    @Test
    void blocksAreThoseOfGguf() throws IOException {
        ByteBuffer recorded = ByteBuffer.wrap(resource("gguf-blocks.bin")).order(ByteOrder.LITTLE_ENDIAN);
        for (WeightFormat format : WeightFormat.values()) {
            if (format.blockLength() > 1) {
                byte[] bytes = new byte[512 / format.blockLength() * format.blockBytes()];
                recorded.get(bytes);
                GgufBlocks reference = new GgufBlocks(format, bytes);
                float[] weights = new float[512];
                float[] ofReference = new float[512];
                for (int i = 0; i < 512; i++) {
                    weights[i] = recorded.getFloat();
                    ofReference[i] = reference.weight(i);
                }
                requireSameBits(ofReference, weights);
                PackedMatrix packed = PackedMatrix.ofTransposed(VECTOR, MemorySegment.ofArray(bytes), format, 2, 256);
                requireSameBits(decoded(VECTOR, (CodedPanels) packed.panels), turned(weights));
            }
        }
        assertThat(recorded.hasRemaining()).isFalse();
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream stream = Objects.requireNonNull(WeightFormatTest.class.getResourceAsStream(name))) {
            return stream.readAllBytes();
        }
    }

    private static float[] turned(float[] weights) {
        Tensor turned = Tensor.zeros(256, 2);
        Matmul.transpose(Cpu.shared(), Tensor.of(weights, 2, 256), turned);
        return turned.toArray();
    }

    /** For large matrices: a panel that is not full adds to this. */
    @Test
    void aWeightTakesTheBitsOfItsFormatAndItsScales() {
        double[] bits = {32, 16, 16, 8 + 32. / 1024, 8.5, 4.5, 5, 5.5, 6, 4.75, 5.75, 6.75};
        for (WeightFormat format : WeightFormat.values()) {
            StoredWeight weight = StoredWeight.of(format, 128, 1024);
            assertThat(weight.pack(VECTOR, true).bytes() * 8 / (128. * 1024)).isEqualTo(bits[format.ordinal()]);
        }
    }

    @Test
    void weightsAreRoundedToTheNearest() {
        requireRounded(WeightFormat.BF16, 1f + 0x1p-8f, 1f); // ties to even
        requireRounded(WeightFormat.BF16, 1f + 3 * 0x1p-8f, 1f + 0x1p-6f);
        requireRounded(WeightFormat.BF16, 1f + 0x1p-8f + 0x1p-20f, 1f + 0x1p-7f);
        requireRounded(WeightFormat.BF16, -1.5f, -1.5f);
        requireRounded(WeightFormat.BF16, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY);
        requireRounded(WeightFormat.BF16, Float.intBitsToFloat(0x7f800001), Float.NaN); // not infinity
        requireRounded(WeightFormat.F16, 1f + 0x1p-11f, 1f);
        requireRounded(WeightFormat.F16, 0x1p-24f, 0x1p-24f); // the smallest
        requireRounded(WeightFormat.F16, Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY);
        requireRounded(WeightFormat.F16, 65519f, 65504f);
        requireRounded(WeightFormat.INT8, 0f, 0f);
        requireRounded(WeightFormat.INT8, Float.MIN_VALUE, 0f); // 1/127 of it is nothing
        requireRounded(WeightFormat.INT8, 100 * Float.MIN_VALUE, 100 * Float.MIN_VALUE);
        Tensor halves = Tensor.of(new float[] {127f, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 126.51f}, 1, 7); // scale 1
        requireSameBits(decoded(SCALAR, coded(halves, WeightFormat.INT8)), new float[] {127, 0, 2, 2, 0, -2, 127});
    }

    private static void requireRounded(WeightFormat format, float weight, float expected) {
        float[] actual = decoded(SCALAR, coded(Tensor.of(new float[] {weight}, 1, 1), format));
        requireSameBits(actual, new float[] {expected});
    }

    private static CodedPanels coded(Tensor matrix, WeightFormat format) {
        return (CodedPanels) PackedMatrix.of(SCALAR, matrix, format).panels;
    }

    @Test
    void whatAFormatCannotHoldIsRefused() {
        requireMessage(() -> pack(WeightFormat.BF16, Float.MAX_VALUE), "weight (1, 2) = 3.4028235E38", "BF16");
        requireMessage(() -> pack(WeightFormat.F16, 65520f), "weight (1, 2) = 65520.0", "F16");
        requireMessage(() -> pack(WeightFormat.INT8, Float.NaN), "weight (1, 2) = NaN", "INT8");
        requireMessage(() -> pack(WeightFormat.INT8, Float.NEGATIVE_INFINITY), "weight (1, 2) = -Infinity", "INT8");
        requireMessage(() -> pack(WeightFormat.Q4_K, 1f), "Q4_K", "not made from float32");
        requireMessage(() -> take(WeightFormat.INT8, 2, 3, 6), "INT8", "no bytes in a file");
        requireMessage(() -> take(WeightFormat.Q8_0, 2, 33, 68), "Q8_0", "blocks of 32", "(2, 33)");
        requireMessage(() -> take(WeightFormat.Q6_K, 2, 128, 210), "Q6_K", "blocks of 256", "(2, 128)");
        requireMessage(() -> take(WeightFormat.Q4_K, 2, 512, 575), "(2, 512) in Q4_K has 576 bytes, not 575");
        requireMessage(() -> take(WeightFormat.F32, 2, 3, 25), "(2, 3) in F32 has 24 bytes, not 25");
        requireMessage(() -> take(WeightFormat.BF16, -1, 3, 0), "(-1, 3)");
    }

    private static void pack(WeightFormat format, float last) {
        PackedMatrix.ofTransposed(SCALAR, Tensor.of(new float[] {1, 2, 3, 4, 5, last}, 2, 3), format);
    }

    private static void take(WeightFormat format, int rows, int columns, int bytes) {
        PackedMatrix.of(SCALAR, MemorySegment.ofArray(new byte[bytes]), format, rows, columns);
    }

    private static void requireMessage(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("pack: ")
                .hasMessageContainingAll(parts);
    }
}
