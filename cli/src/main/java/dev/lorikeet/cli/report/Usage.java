package dev.lorikeet.cli.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run took of the machine since its process began, which of a run that goes on is not all of it.
 *
 * @param seconds of the clock, by what was done in them
 * @param heapBytes what objects had in memory after each step, garbage among it; of the last steps of the run
 */
public record Usage(Map<String, Double> seconds, List<Long> heapBytes) {
    public Usage {
        seconds = Collections.unmodifiableMap(new LinkedHashMap<>(seconds));
        heapBytes = List.copyOf(heapBytes);
    }
}
