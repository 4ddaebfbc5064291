package dev.lorikeet.autograd.nn;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A leaf that belongs to a {@link Module}; frozen parameters get no gradient. New parameters are frozen.
 *
 * <p>Layers keep what they have made from the value of a frozen parameter, such as its packed form. Write to one by
 * {@link #set}, or say that it has {@link #changed}.
 */
public final class Parameter extends Variable {
    private volatile long version;
    private boolean asLoaded = true;
    private @Nullable TrainingDuty duty;

    /** What a parameter was before another value took its place; closing this puts the very bits back. */
    public final class Replacement implements AutoCloseable {
        private final Tensor before = value().copy();
        private final boolean wasAsLoaded = asLoaded;

        private Replacement() {}

        /** The value before. */
        public Tensor before() {
            return before;
        }

        @Override
        public void close() {
            asLoaded = wasAsLoaded;
            set(before);
        }
    }

    public Parameter(Tensor value) {
        super(value, false);
    }

    /** Overwrites the value with {@code next}, which has its shape. */
    public void set(Tensor next) {
        value().set(next);
        changed();
    }

    /** Has {@code next}, which has the value's shape, stand in for the value until the result is closed. */
    public Replacement replace(Tensor next) {
        Replacement replacement = new Replacement();
        asLoaded = false;
        set(next);
        return replacement;
    }

    /** Whether the value is what it was made with: it was never trained, and nothing stands in for it. */
    public boolean isAsLoaded() {
        return asLoaded;
    }

    /** To be called by whoever has written to the value while this was frozen. */
    public synchronized void changed() {
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
