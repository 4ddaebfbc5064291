package dev.lorikeet.tensor.kernel;

import dev.lorikeet.tensor.kernel.WarmUp.Sample;

/** {@link StartingKernels} that stay in a state through which those of an application pass. */
public final class StartingStates {
    /** No kernel is compiled, nor will be for as long as a test takes. */
    public static final Kernels COLD = of(new Sample(() -> {}, -1));

    private StartingStates() {}

    static Kernels of(Sample sample) {
        return new StartingKernels(new VectorKernels(), new WarmUp(_ -> sample));
    }
}
