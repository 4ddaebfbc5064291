package dev.lorikeet.bench.peers;

import dev.lorikeet.bench.Unit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A finished row.
 *
 * @param results the median of each engine that did the work, by name
 * @param quiet in how many of the {@code samples} nobody else was at work
 * @param limit the result that the target is meant against, or null for the best native engine
 */
record Result(String work, String shape, String form, int threads, Unit unit, Map<String, Double> results,
        int quiet, int samples, double target, @Nullable String limit) {
    private static final Set<String> LIMITS = Set.of(Limits.PEAK, Limits.READ);
    private static final String ONE_THREAD = Lorikeet.NAME + ", 1 thread";
    private static final double SPEED_UP_OF_TWO = 1.9;

    static Result of(Row row, int threads, Map<String, Double> results, int quiet, int samples) {
        Work work = row.work();
        return new Result(work.title(), work.shape(), work.variant(), threads, work.unit(), results, quiet, samples,
                row.target(), row.limit());
    }

    /** How much faster the same work is on more threads; the aim is for two of them, and grows with their number. */
    static Result speedUp(Result one, Result many) {
        Map<String, Double> results = new LinkedHashMap<>();
        results.put(Lorikeet.NAME, many.ours());
        results.put(ONE_THREAD, one.ours());
        return new Result(many.work + ", threads", many.shape, many.form, many.threads, many.unit, results,
                one.quiet + many.quiet, one.samples + many.samples, SPEED_UP_OF_TWO * many.threads / 2, ONE_THREAD);
    }

    double ours() {
        Double ours = results.get(Lorikeet.NAME);
        if (ours == null) {
            throw new IllegalStateException(work + ": ours is missing");
        }
        return ours;
    }

    /**
     * The name that ours is compared with: the limit, or the best native engine; none where no native one does this.
     */
    Optional<String> rival() {
        if (limit != null) {
            return Optional.of(limit).filter(results::containsKey);
        }
        return results.keySet().stream().filter(name -> !name.equals(Lorikeet.NAME) && !LIMITS.contains(name))
                .reduce((best, name) -> unit.ratio(value(name), value(best)) > 1 ? name : best);
    }

    /** The median of an engine; NaN if it did not do this. */
    double value(String name) {
        return results.getOrDefault(name, Double.NaN);
    }

    /** How many times as fast as the rival ours is; NaN without a rival. */
    double ratio() {
        return rival().map(name -> unit.ratio(ours(), value(name))).orElse(Double.NaN);
    }

    /** The share of the machine's limit that ours reaches, where it was measured. */
    Optional<Double> ofLimit() {
        return results.keySet().stream().filter(LIMITS::contains).findFirst()
                .map(name -> unit.ratio(ours(), value(name)));
    }

    boolean reached() {
        return ratio() >= target;
    }

    /** The fields of {@code --json}. */
    Map<String, @Nullable Object> toMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("work", work);
        map.put("shape", shape);
        map.put("form", form);
        map.put("threads", threads);
        map.put("unit", unit.label());
        map.put("results", results);
        map.put("quiet", quiet);
        map.put("samples", samples);
        map.put("rival", rival().orElse(null));
        map.put("ratio", Double.isNaN(ratio()) ? null : ratio());
        map.put("target", target);
        return map;
    }
}
