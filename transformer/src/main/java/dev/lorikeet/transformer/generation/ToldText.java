package dev.lorikeet.transformer.generation;

import dev.lorikeet.transformer.tokenizer.TextStream;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The text of tokens that come one by one, as far as it can be told: what may become a stop string waits. */
final class ToldText {
    private final @Nullable TextStream stream;
    private final List<String> stops;
    private final StringBuilder told = new StringBuilder();
    private final StringBuilder waiting = new StringBuilder();
    private boolean stopped;

    /** @param tokenizer null where there is none, so that there is no text */
    ToldText(@Nullable Tokenizer tokenizer, List<String> stops) {
        this.stream = tokenizer == null ? null : tokenizer.stream(true);
        this.stops = stops;
    }

    /** What a token adds. */
    String append(int token) {
        return stream == null ? "" : tell(stream.append(token), false);
    }

    /** What is left. */
    String end() {
        return stream == null || stopped ? "" : tell(stream.end(), true);
    }

    /** Whether a stop string has come. */
    boolean stopped() {
        return stopped;
    }

    /** All that was told. */
    String text() {
        return told.toString();
    }

    private String tell(String more, boolean last) {
        waiting.append(more);
        int ready = waiting.length();
        for (String stop : stops) {
            int at = waiting.indexOf(stop);
            if (at >= 0) {
                ready = Math.min(ready, at);
                stopped = true;
            }
        }
        if (!stopped && !last) {
            ready -= stops.stream().mapToInt(this::begun).max().orElse(0);
        }
        String text = waiting.substring(0, ready);
        waiting.delete(0, ready);
        told.append(text);
        return text;
    }

    /** How many of the last characters may be the beginning of a stop string. */
    private int begun(String stop) {
        for (int length = Math.min(stop.length() - 1, waiting.length()); length > 0; length--) {
            if (stop.startsWith(waiting.substring(waiting.length() - length))) {
                return length;
            }
        }
        return 0;
    }
}
