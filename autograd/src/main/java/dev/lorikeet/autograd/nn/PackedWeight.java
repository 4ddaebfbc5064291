package dev.lorikeet.autograd.nn;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import org.jspecify.annotations.Nullable;

/**
 * A layer's weight: a parameter and, while that is frozen, its packed form, which is made at the first use, shared by
 * all threads, and made again once the parameter has changed.
 */
final class PackedWeight {
    /** @param version of the parameter, when it was packed */
    private record Packed(FrozenMatrix matrix, long version) {}

    private final Parameter parameter;
    private final Linear.Layout layout;
    private volatile @Nullable Packed packed;
    private WeightFormat format = WeightFormat.F32;

    PackedWeight(Parameter parameter, Linear.Layout layout) {
        this.parameter = parameter;
        this.layout = layout;
    }

    Parameter parameter() {
        return parameter;
    }

    Linear.Layout layout() {
        return layout;
    }

    /** Whether the parameter is trained, so that there is no packed form of it; one from before is dropped. */
    boolean isTrained() {
        boolean trained = parameter.requiresGradient();
        if (trained && packed != null) {
            packed = null;
        }
        return trained;
    }

    /**
     * The packed form.
     *
     * @throws IllegalArgumentException if the parameter is trained
     */
    FrozenMatrix of(Compute compute) {
        if (parameter.requiresGradient()) {
            throw new IllegalArgumentException("linear: a low-rank term needs a frozen weight");
        }
        Packed current = packed;
        if (current == null || current.version != parameter.version()) {
            synchronized (this) {
                current = packed;
                long version = parameter.version();
                if (current == null || current.version != version) {
                    current = new Packed(pack(compute), version);
                    packed = current;
                }
            }
        }
        return current.matrix;
    }

    private FrozenMatrix pack(Compute compute) {
        return compute.take(switch (layout) {
            case OUT_IN -> parameter.value();
            case IN_OUT -> turned(compute, parameter.value());
        }, parameter.isAsLoaded() ? format : WeightFormat.F32);
    }

    private static Tensor turned(Compute compute, Tensor matrix) {
        Tensor result = Tensor.zeros(matrix.dim(1), matrix.dim(0));
        Matmul.transpose(compute, matrix, result);
        return result;
    }

    WeightFormat format() {
        return format;
    }

    void format(WeightFormat next) {
        if (next.blockLength() > 1) {
            throw new IllegalArgumentException("linear: " + next + " is taken from the bytes of a file, not made from "
                    + "float32");
        }
        format = next;
        packed = null;
    }
}
