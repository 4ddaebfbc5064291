package dev.lorikeet.tensor.kernel;

import dev.lorikeet.tensor.kernel.WarmUp.Sample;

/** {@link StartingKernels} that stay in a state through which those of an application pass. */
public final class StartingStates {
    /** No kernel is compiled, nor will be for as long as a test takes. */
    public static final Kernels COLD = of(new Sample(() -> {}, -1));

    private StartingStates() {}

    /** All kernels are compiled, as far as anybody knows. */
    static Kernels warm() {
        WarmUp warmUp = new WarmUp(_ -> new Sample(() -> {}, Double.MAX_VALUE));
        while (!warmUp.ready(-1L >>> Long.SIZE - WarmKernel.values().length)) {
            Thread.onSpinWait();
        }
        return new StartingKernels(new VectorKernels(), warmUp);
    }

    private static Kernels of(Sample sample) {
        return new StartingKernels(new VectorKernels(), new WarmUp(_ -> sample));
    }
}
