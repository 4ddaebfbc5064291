package dev.lorikeet.bench.roofline;

/**
 * All operations of one kind in a pass.
 *
 * @param entry their name and way, and their flops and bytes together
 * @param calls how many they are
 * @param seconds what they take, each its median over the runs
 * @param allocated the bytes of objects that they make, likewise
 */
record Line(Entry entry, int calls, double seconds, double allocated) {
    Line plus(Line other) {
        return new Line(
                new Entry(entry.name(), entry.way(), entry.flops() + other.entry.flops(), entry.bytes()
                        + other.entry.bytes()),
                calls + other.calls, seconds + other.seconds, allocated + other.allocated);
    }

    /** The seconds below which the machine cannot be: all flops at its peak, or all bytes at its bandwidth. */
    double least(Roof roof) {
        return Math.max(entry.flops() / roof.flops(), entry.bytes() / roof.bandwidth());
    }

    /** The seconds above that, which are there to be won. */
    double lost(Roof roof) {
        return Math.max(0, seconds - least(roof));
    }
}
