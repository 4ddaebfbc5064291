package dev.lorikeet.tornado;

import java.util.concurrent.atomic.LongAdder;

/** What crossed the bus, counted by the plans. */
final class Traffic {
    private final LongAdder weights = new LongAdder();
    private final LongAdder sent = new LongAdder();
    private final LongAdder fetched = new LongAdder();

    /** Bytes so far: of weights to the device, of all else to it, and back. */
    record Bytes(long weights, long sent, long fetched) {}

    void weights(long bytes) {
        weights.add(bytes);
    }

    void ran(long toDevice, long toHost) {
        sent.add(toDevice);
        fetched.add(toHost);
    }

    Bytes bytes() {
        return new Bytes(weights.sum(), sent.sum(), fetched.sum());
    }
}
