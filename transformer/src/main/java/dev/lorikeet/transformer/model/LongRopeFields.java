package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.RotaryConfig.LongRope;
import java.util.List;
import java.util.Set;

/** How {@code longrope} stands in {@code rope_parameters} or {@code rope_scaling}. */
final class LongRopeFields {
    private static final Set<String> FIELDS = Set.of("rope_type", "type", "rope_theta", "partial_rotary_factor",
            "factor", "attention_factor", "short_factor", "long_factor", "original_max_position_embeddings");

    private LongRopeFields() {}

    /**
     * The table for texts as long as those of pre-training.
     *
     * @param original the length of those
     * @param pairs of a head that turn
     */
    static LongRope read(JsonObject rope, int original, int maxPositions, int pairs) {
        rope.allowOnly(FIELDS);
        List<Float> shorter = factors(rope, "short_factor", pairs);
        List<Float> longer = factors(rope, "long_factor", pairs);
        double factor = rope.has("factor") ? ConfigFields.positiveNumber(rope, "factor")
                : (double) maxPositions / original;
        double usual = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
        double growth = rope.has("attention_factor") ? ConfigFields.positiveNumber(rope, "attention_factor") : usual;
        return new LongRope(shorter, (float) growth, shorter.equals(longer) ? Integer.MAX_VALUE : original);
    }

    private static List<Float> factors(JsonObject rope, String field, int pairs) {
        List<?> numbers = rope.list(field);
        if (numbers.size() != pairs || !numbers.stream().allMatch(each -> each instanceof Number number
                && number.floatValue() > 0 && number.floatValue() < Float.POSITIVE_INFINITY)) {
            throw rope.error(field, pairs + " numbers above 0 are expected, one for each pair of a head that turns");
        }
        return numbers.stream().map(each -> ((Number) each).floatValue()).toList();
    }
}
