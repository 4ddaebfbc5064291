package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.Rounding.requireSameBits;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.kernel.WarmUp.Sample;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class StartingKernelsTest {
    private static final Kernels SCALAR = new ScalarKernels();
    private static final Kernels[] STATES = {StartingStates.COLD, StartingStates.warm()};

    @ParameterizedTest
    @MethodSource("dev.lorikeet.tensor.kernel.KernelProduct#all")
    void productsHaveTheSameBitsInEveryState(KernelProduct product) {
        for (Kernels kernels : STATES) {
            requireSameBits(product.run(kernels, Values.ORDINARY), product.run(SCALAR, Values.ORDINARY));
            requireSameBits(product.runByColumns(kernels, Values.ORDINARY), product.run(SCALAR, Values.ORDINARY));
        }
    }

    @ParameterizedTest
    @EnumSource
    void rowsHaveTheSameBitsInEveryState(KernelMethod method) {
        for (Kernels kernels : STATES) {
            for (int n : new int[] {0, 17, 127}) {
                requireSameBits(method.run(kernels, n, Values.ORDINARY), method.run(SCALAR, n, Values.ORDINARY));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void blocksOfAttentionHaveTheSameBitsInEveryState(BlockMethod method) {
        for (Kernels kernels : STATES) {
            requireSameBits(method.run(kernels, Values.ORDINARY, 17, 48, 33),
                    method.run(SCALAR, Values.ORDINARY, 17, 48, 33));
        }
    }

    @Test
    void aSampleOfEachKernelCanBeCalled() {
        WarmSamples samples = new WarmSamples(new VectorKernels());
        for (WarmKernel kernel : WarmKernel.values()) {
            Sample sample = samples.of(kernel);
            sample.call().run();
            assertThat(sample.nanos()).as("%s", kernel).isPositive();
        }
    }

    @Test
    @Timeout(20)
    void aKernelIsReadyOnceItsSampleIsFast() throws InterruptedException {
        CountDownLatch compiled = new CountDownLatch(1);
        CountDownLatch called = new CountDownLatch(1);
        WarmUp warmUp = new WarmUp(kernel -> new Sample(kernel == 0 ? () -> {
            called.countDown();
            await(compiled);
        } : () -> {}, kernel == 0 ? 1e9 : -1));
        assertThat(warmUp.ready(0)).isTrue();
        assertThat(warmUp.ready(0b11)).isFalse();
        assertThat(called.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(warmUp.ready(0b01)).isFalse();
        compiled.countDown();
        while (!warmUp.ready(0b01)) {
            Thread.sleep(1);
        }
        assertThat(warmUp.ready(0b11)).isFalse();
    }

    /** Else the scalar twin would compute for as long as the JVM runs. */
    @Test
    @Timeout(20)
    void nobodyWaitsForASampleThatFails() throws InterruptedException {
        WarmUp warmUp = new WarmUp(kernel -> new Sample(() -> {
            if (kernel == 1) {
                Thread.currentThread().setUncaughtExceptionHandler((_, _) -> {});
                throw new IllegalStateException("sample");
            }
        }, -1));
        assertThat(warmUp.ready(0b11)).isFalse();
        while (!warmUp.ready(0b11)) {
            Thread.sleep(1);
        }
        assertThat(warmUp.ready(0b100)).isFalse();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
