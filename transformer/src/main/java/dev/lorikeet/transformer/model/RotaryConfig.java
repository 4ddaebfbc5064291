package dev.lorikeet.transformer.model;

import dev.lorikeet.tensor.Rotary;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.Set;

/**
 * The frequencies of rotary positions (Su et al. 2021): {@code rope_parameters}, or {@code rope_theta} and
 * {@code rope_scaling} as files had it before transformers 5. Where a file has both, transformers reads the older one
 * alone; here it is refused unless the newer one adds nothing.
 *
 * @param theta {@code rope_theta}, the base
 */
public record RotaryConfig(double theta, Scaling scaling) {
    /** transformers' base where no file gives one. */
    private static final double THETA = 10_000;
    private static final Set<String> FIELDS = Set.of("rope_type", "type", "rope_theta", "partial_rotary_factor",
            "factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings");

    /** How frequencies are changed for contexts longer than those of pre-training. */
    public sealed interface Scaling {
        /** One frequency scaled, rounded to float at each step as transformers does. */
        float scaled(float frequency);
    }

    /** Not at all: {@code default}. */
    public record Unscaled() implements Scaling {
        @Override
        public float scaled(float frequency) {
            return frequency;
        }
    }

    /** {@code linear}: position interpolation (Chen et al. 2023), every frequency divided by {@code factor}. */
    public record Linear(float factor) implements Scaling {
        @Override
        public float scaled(float frequency) {
            return frequency / factor;
        }
    }

    /**
     * {@code llama3}: frequencies whose wavelength is below context/highFactor stay, those above context/lowFactor are
     * divided by {@code factor}, what is between them is blended (Llama 3.1's reference code).
     *
     * @param lowFactor {@code low_freq_factor}
     * @param highFactor {@code high_freq_factor}
     * @param context {@code original_max_position_embeddings}
     */
    public record Llama3(float factor, float lowFactor, float highFactor, int context) implements Scaling {
        @Override
        public float scaled(float frequency) {
            float wavelength = (float) (2 * Math.PI) / frequency;
            if (wavelength < context / highFactor) {
                return frequency;
            }
            if (wavelength > context / lowFactor) {
                return frequency / factor;
            }
            float smooth = (context / wavelength - lowFactor) / (highFactor - lowFactor);
            return (1 - smooth) * frequency / factor + smooth * frequency;
        }
    }

    static RotaryConfig read(JsonObject json, int maxPositions) {
        requireWholeHeads(json);
        RotaryConfig parameters = read(json, "rope_parameters", maxPositions);
        if (!json.has("rope_scaling") || json.object("rope_scaling").fields().isEmpty()) {
            return parameters;
        }
        RotaryConfig scaled = read(json, "rope_scaling", maxPositions);
        boolean loses = !parameters.scaling.equals(scaled.scaling) && !(parameters.scaling instanceof Unscaled);
        if (json.has("rope_parameters") && (loses || parameters.theta != scaled.theta)) {
            throw json.error("rope_scaling", "means " + scaled + ", and rope_parameters " + parameters
                    + ", of which transformers would take nothing; one of the two is enough");
        }
        return scaled;
    }

    private static RotaryConfig read(JsonObject json, String field, int maxPositions) {
        if (!json.has(field)) {
            return new RotaryConfig(theta(json, THETA), new Unscaled());
        }
        JsonObject rope = json.object(field);
        rope.allowOnly(FIELDS);
        requireWholeHeads(rope);
        return new RotaryConfig(theta(rope, theta(json, THETA)), scaling(json, rope, maxPositions));
    }

    private static void requireWholeHeads(JsonObject json) {
        if (json.number("partial_rotary_factor", 1) != 1) {
            throw json.error("partial_rotary_factor", "only whole heads are turned, so it must be 1");
        }
    }

    private static double theta(JsonObject json, double whenAbsent) {
        return json.has("rope_theta") ? ConfigFields.positiveNumber(json, "rope_theta") : whenAbsent;
    }

    private static Scaling scaling(JsonObject json, JsonObject rope, int maxPositions) {
        String field = rope.has("rope_type") || !rope.has("type") ? "rope_type" : "type";
        String type = rope.string(field, "default");
        return switch (type) {
            case "default" -> new Unscaled();
            case "linear" -> new Linear((float) ConfigFields.positiveNumber(rope, "factor"));
            case "llama3" -> {
                JsonObject place = json.has("original_max_position_embeddings") ? json : rope;
                Llama3 scaling = new Llama3((float) ConfigFields.positiveNumber(rope, "factor"),
                        (float) ConfigFields.positiveNumber(rope, "low_freq_factor"),
                        (float) ConfigFields.positiveNumber(rope, "high_freq_factor"),
                        ConfigFields.positive(place, "original_max_position_embeddings", maxPositions));
                if (scaling.highFactor <= scaling.lowFactor) {
                    throw rope.error("high_freq_factor", "must be above low_freq_factor " + scaling.lowFactor
                            + ", not " + scaling.highFactor);
                }
                yield scaling;
            }
            default -> throw rope.error(field, "\"" + type + "\" is not one of default, linear, llama3");
        };
    }

    /** The frequencies of the pairs of a head of {@code headSize} elements. */
    float[] frequencies(int headSize) {
        float[] frequencies = Rotary.frequencies(headSize, theta);
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = scaling.scaled(frequencies[i]);
        }
        return frequencies;
    }
}
