package dev.lorikeet.bench.roofline;

import dev.lorikeet.autograd.TapeObserver;

/** Told of the operations of a pass in their order. What runs between two calls belongs to the later one. */
interface Recorder extends TapeObserver {
    /** The pass begins. */
    void begin();

    /** Something that is no operation of a tape has ended. */
    void mark(String name);
}
