package dev.lorikeet.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What C2 makes of the ways through a kernel that are seldom gone: a method of ours that takes vectors is inlined there
 * only where it is called often enough (MinInlineFrequencyRatio), and where it is not, each of its vectors is an
 * object, for as long as the JVM lives.
 */
@Tag("slow")
class RareCallsTest {
    /** One call in so many goes the rare way. */
    private static final int RARE = 400;
    private static final int QUERIES = AttentionKernels.QUERIES;
    private static final int SIZE = 4096;
    private static final int WIDTH = VectorMatmul.PANEL;
    /** Bytes: a vector is an object with an array, of 96 at least with 512 bits, of 48 with 128. */
    private static final long LIMIT = 40;

    private static final Kernels KERNELS = new VectorKernels();
    private static final DecodedRows ROWS = (DecodedRows) KERNELS.decoding();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final float[] X = filled();
    private static final float[] Y = filled();
    private static final float[] Z = filled();
    private static final float[] STATISTICS = new float[2];
    private static final int[] WORDS = new int[SIZE];

    private static float[] filled() {
        float[] array = new float[SIZE];
        Arrays.fill(array, 0.5f);
        return array;
    }

    private static Arguments of(String name, Runnable often, Runnable seldom) {
        return Arguments.of(name, often, seldom);
    }

    /** A whole number of vectors often, some elements more seldom. */
    private static Arguments tail(String name, IntConsumer call) {
        return of(name + ", a tail", () -> call.accept(64), () -> call.accept(64 + 7));
    }

    static Stream<Arguments> kernels() {
        return Stream.of(
                of("sums of attention, added", () -> KERNELS.weightedSums(13, 8, 48, X, Y, 0, 48, Z, 0, 48, false),
                        () -> KERNELS.weightedSums(13, 8, 48, X, Y, 0, 48, Z, 0, 48, true)),
                of("product, added", () -> KERNELS.matmul(13, WIDTH, 24, X, 0, 24, 1, Y, 0, WIDTH, Z, 0, WIDTH, false),
                        () -> KERNELS.matmul(13, WIDTH, 24, X, 0, 24, 1, Y, 0, WIDTH, Z, 0, WIDTH, true)),
                of("bf16 row, added", () -> ROWS.bf16Row(32, WIDTH, X, 0, WORDS, 0, Z, 0, false),
                        () -> ROWS.bf16Row(32, WIDTH, X, 0, WORDS, 0, Z, 0, true)),
                of("f16 row, added", () -> ROWS.f16Row(32, WIDTH, X, 0, WORDS, 0, Z, 0, false),
                        () -> ROWS.f16Row(32, WIDTH, X, 0, WORDS, 0, Z, 0, true)),
                of("int8 row, added", () -> ROWS.int8Row(32, WIDTH, X, 0, WORDS, 0, Y, 0, Z, 0, false),
                        () -> ROWS.int8Row(32, WIDTH, X, 0, WORDS, 0, Y, 0, Z, 0, true)),
                of("4 bits' row, added", () -> ROWS.quants4Row(32, WIDTH, X, 0, WORDS, 0, 0, 16, X, Y, Z, 0, false),
                        () -> ROWS.quants4Row(32, WIDTH, X, 0, WORDS, 0, 0, 16, X, Y, Z, 0, true)),
                tail("sum", n -> KERNELS.sum(n, X, 0)),
                tail("dot", n -> KERNELS.dot(n, X, 0, Y, 0)),
                tail("max", n -> KERNELS.max(n, X, 0)),
                tail("exp", n -> KERNELS.exp(n, X, 0, 1, 1, Z, 0)),
                tail("softmax", n -> KERNELS.softmax(1, n, X, 0, Z, 0)),
                tail("gelu", n -> KERNELS.gelu(n, X, 0, Z, 0)),
                tail("gelu's gradient", n -> KERNELS.geluBackward(n, X, 0, Y, 0, Z, 0)),
                tail("gelu by tanh", n -> KERNELS.geluTanh(n, X, 0, Z, 0)),
                tail("gradient of gelu by tanh", n -> KERNELS.geluTanhBackward(n, X, 0, Y, 0, Z, 0)),
                tail("silu", n -> KERNELS.silu(n, X, 0, Z, 0)),
                tail("silu's gradient", n -> KERNELS.siluBackward(n, X, 0, Y, 0, Z, 0)),
                tail("tanh", n -> KERNELS.tanh(n, X, 0, Z, 0)),
                tail("erf", n -> KERNELS.erf(n, X, 0, Z, 0)),
                tail("log", n -> KERNELS.log(n, X, 0, Z, 0)),
                tail("layer norm", n -> KERNELS.layerNorm(n, X, 0, Y, 0, Y, 0, 1, Z, 0, STATISTICS, 0)),
                tail("layer norm's gradient",
                        n -> KERNELS.layerNormBackward(n, X, 0, Y, 0, Y, 0, Y, 0, Z, 0)),
                tail("RMS norm", n -> KERNELS.rmsNorm(n, X, 0, Y, 0, 1, Z, 0, Y, 0)),
                tail("RMS norm's gradient", n -> KERNELS.rmsNormBackward(n, X, 0, Y, 0, Y, 0, Y, 0, Z, 0)),
                tail("means", n -> KERNELS.means(5, n, X, 0, n, Z)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kernels")
    void aRareCallMakesNoObjectsOfVectors(String name, Runnable often, Runnable seldom) {
        long least = Long.MAX_VALUE;
        long end = System.nanoTime() + 15_000_000_000L;
        while (least > LIMIT && System.nanoTime() < end) {
            for (int i = 0; i < 10; i++) {
                for (int call = 1; call < RARE; call++) {
                    often.run();
                }
                long before = THREADS.getCurrentThreadAllocatedBytes();
                seldom.run();
                least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
            }
        }
        assertThat(least).as("bytes of a call").isLessThanOrEqualTo(LIMIT);
    }
}
