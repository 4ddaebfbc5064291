package dev.lorikeet.tornado.plan;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The graph of the way there and that of the way back, which finds on the device what the first one left.
 *
 * @param backward null where nothing is trained
 */
public record Pair(Graph forward, @Nullable Graph backward) {

    /** All that the two work on. */
    public SequencedSet<Buffer> buffers() {
        Graph back = backward;
        return Stream.concat(forward.buffers().stream(), back == null ? Stream.of() : back.buffers().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** The memory of all buffers but the weights, which other pairs share. */
    public long bytes() {
        return buffers().stream().filter(b -> b.travel() != Buffer.Travel.WEIGHT).mapToLong(Buffer::bytes).sum();
    }
}
