package dev.lorikeet.cli.serve;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** What happened since the start, in the text form that Prometheus reads (exposition format 0.0.4). */
final class Counters {
    private static final double[] BOUNDS = {0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300};

    private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>();
    private final LongAdder prompt = new LongAdder();
    private final LongAdder generated = new LongAdder();
    private final LongAdder[] durations = new LongAdder[BOUNDS.length + 1];
    private final LongAdder nanoseconds = new LongAdder();

    Counters() {
        for (int i = 0; i < durations.length; i++) {
            durations[i] = new LongAdder();
        }
    }

    /**
     * A request that has ended.
     *
     * @param route one of the server's own routes, so that there are not more lines than those
     */
    void request(String route, int status, long elapsed) {
        requests.computeIfAbsent("route=\"" + route + "\",status=\"" + status + '"', _ -> new LongAdder()).increment();
        int bucket = 0;
        while (bucket < BOUNDS.length && elapsed > BOUNDS[bucket] * 1e9) {
            bucket++;
        }
        durations[bucket].increment();
        nanoseconds.add(elapsed);
    }

    /** Tokens that were read, and written. */
    void tokens(long read, long written) {
        prompt.add(read);
        generated.add(written);
    }

    /** All of it, and how many requests {@code gate} has at this moment. */
    String text(Gate gate) {
        StringBuilder text = new StringBuilder();
        head(text, "lorikeet_requests_total", "counter", "Requests that have ended.");
        requests.forEach((labels, count) -> sample(text, "lorikeet_requests_total{" + labels + "}", count.sum()));
        head(text, "lorikeet_request_duration_seconds", "histogram", "From the first byte of a request to the last of "
                + "its answer.");
        long below = 0;
        for (int i = 0; i < durations.length; i++) {
            below += durations[i].sum();
            String bound = i < BOUNDS.length ? String.format(Locale.ROOT, "%s", BOUNDS[i]) : "+Inf";
            sample(text, "lorikeet_request_duration_seconds_bucket{le=\"" + bound + "\"}", below);
        }
        text.append("lorikeet_request_duration_seconds_sum ").append(nanoseconds.sum() / 1e9).append('\n');
        sample(text, "lorikeet_request_duration_seconds_count", below);
        single(text, "lorikeet_prompt_tokens_total", "counter", "Tokens of prompts and of texts to embed.",
                prompt.sum());
        single(text, "lorikeet_generated_tokens_total", "counter", "Tokens of answers.", generated.sum());
        single(text, "lorikeet_requests_running", "gauge", "Requests that compute.", gate.inside());
        single(text, "lorikeet_requests_waiting", "gauge", "Requests that wait for a place.", gate.waiting());
        return text.toString();
    }

    private static void single(StringBuilder text, String name, String type, String help, long value) {
        head(text, name, type, help);
        sample(text, name, value);
    }

    private static void head(StringBuilder text, String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append("\n# TYPE ").append(name).append(' ')
                .append(type).append('\n');
    }

    private static void sample(StringBuilder text, String name, long value) {
        text.append(name).append(' ').append(value).append('\n');
    }
}
