package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A leaf that belongs to a {@link Module}; frozen parameters get no gradient. New parameters are frozen.
 *
 * <p>Others keep what they have made from the value of a frozen parameter, and know by its {@link #version} whether
 * that is still good: write to one by {@link #set} alone.
 */
public sealed class Parameter extends Variable permits Weight, Buffer {
    private volatile long version;
    private boolean asLoaded = true;
    private @Nullable TrainingDuty duty;

    /** What a parameter was before another value took its place; closing this puts the very bits back. */
    public interface Replacement extends AutoCloseable {
        /** The value before. */
        Tensor before();

        @Override
        void close();
    }

    public Parameter(Tensor value) {
        super(value, false);
    }

    /** A parameter whose value is kept in another form. */
    Parameter(Shape shape) {
        super(shape);
    }

    /** Overwrites the value with {@code next}, which has its shape. */
    public void set(Tensor next) {
        value().set(next);
        changed();
    }

    /** Has {@code next}, which has the value's shape, stand in for the value until the result is closed. */
    public Replacement replace(Tensor next) {
        Tensor before = value().copy();
        return replace(next, () -> before, () -> set(before));
    }

    /** As {@link #replace(Tensor)}, with how to read the value before and how to put it back. */
    final Replacement replace(Tensor next, Supplier<Tensor> before, Runnable back) {
        boolean wasAsLoaded = asLoaded;
        asLoaded = false;
        set(next);
        return new Replacement() {
            @Override
            public Tensor before() {
                return before.get();
            }

            @Override
            public void close() {
                back.run();
                asLoaded = wasAsLoaded;
            }
        };
    }

    /** Whether the value is what it was made with: it was never trained, and nothing stands in for it. */
    public boolean isAsLoaded() {
        return asLoaded;
    }

    /** Notes that the value has another one. */
    final synchronized void changed() {
        version++;
    }

    /** Grows with every change of the value of a frozen parameter: what was made from it is good while this stays. */
    public long version() {
        return version;
    }

    /** Stops training this parameter and drops its gradient. */
    public void freeze() {
        if (requiresGradient()) {
            requireGradient(false);
            changed();
        }
    }

    /** Lets gradients reach this parameter. */
    public void unfreeze() {
        asLoaded = false;
        requireGradient(true);
    }

    /** What whoever trains this parameter has to do beside; null for nothing. */
    public @Nullable TrainingDuty duty() {
        return duty;
    }

    /** Ties a duty to training this parameter, or unties it with null; several parameters may share one. */
    public void duty(@Nullable TrainingDuty next) {
        duty = next;
    }
}
