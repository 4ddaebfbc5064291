package dev.lorikeet.autograd.nn;

import dev.lorikeet.tensor.Rotary;

/**
 * A model's {@link Rotary} tables, as long as the longest sequence so far: those of all positions that a Llama 3.1 can
 * read would be 64 MB. The bits of a position do not depend on the length.
 */
public final class RotaryTables {
    private static final int FIRST = 256;

    private final float[] frequencies;
    private final Rotary.Order order;
    private final float factor;
    private volatile Rotary tables;

    /** @param frequencies radians per position of each pair of elements */
    public RotaryTables(float[] frequencies, Rotary.Order order) {
        this(frequencies, order, 1f);
    }

    /**
     * @param frequencies radians per position of each pair of elements
     * @param factor by which turned elements grow
     */
    public RotaryTables(float[] frequencies, Rotary.Order order, float factor) {
        this.frequencies = frequencies;
        this.order = order;
        this.factor = factor;
        this.tables = Rotary.of(frequencies, FIRST, order, factor);
    }

    /** Tables that have every one of {@code positions}. Safe for several threads. */
    Rotary covering(int[] positions) {
        int needed = 1;
        for (int position : positions) {
            needed = Math.max(needed, position + 1);
        }
        Rotary current = tables;
        if (current.cos().dim(0) < needed) {
            synchronized (this) {
                current = tables;
                if (current.cos().dim(0) < needed) {
                    current = Rotary.of(frequencies, Math.max(needed, 2 * current.cos().dim(0)), order,
                            factor);
                    tables = current;
                }
            }
        }
        return current;
    }
}
