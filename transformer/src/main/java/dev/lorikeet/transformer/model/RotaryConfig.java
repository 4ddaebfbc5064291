package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.nn.RotaryTables;
import dev.lorikeet.tensor.Rotary;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.List;
import java.util.Set;

/**
 * The frequencies of rotary positions (Su et al. 2021): {@code rope_parameters}, or {@code rope_theta} and
 * {@code rope_scaling} as files had it before transformers 5. Where a file has both, transformers reads the older one
 * alone; here it is refused unless the newer one adds nothing.
 *
 * @param theta {@code rope_theta}, the base
 * @param part {@code partial_rotary_factor}, the part of each head that turns
 */
public record RotaryConfig(double theta, double part, Scaling scaling) {
    private static final Set<String> FIELDS = Set.of("rope_type", "type", "rope_theta", "partial_rotary_factor",
            "factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings");

    /**
     * What transformers takes where no field says it.
     *
     * @param part of each head that turns
     * @param whole whether no other part is known to the architecture
     */
    public record Usual(double theta, double part, boolean whole) {
        static final Usual LLAMA = new Usual(10_000, 1, true);
        static final Usual SMOLLM3 = new Usual(2_000_000, 1, true);
        static final Usual GEMMA3 = new Usual(1_000_000, 1, true);
        static final Usual PHI3 = new Usual(10_000, 1, false);
        static final Usual NEOX = new Usual(10_000, 0.25, false);
    }

    /** How frequencies are changed for contexts longer than those of pre-training. */
    public sealed interface Scaling permits Unscaled, Linear, Llama3, LongRope {
        /** Those of the pairs of {@code dims} elements, rounded to float at each step as transformers does. */
        float[] frequencies(int dims, double theta);

        /** By what turned elements grow. */
        default float growth() {
            return 1f;
        }

        /** For how many positions this holds. */
        default int positions() {
            return Integer.MAX_VALUE;
        }
    }

    /** Not at all: {@code default}. */
    public record Unscaled() implements Scaling {
        @Override
        public float[] frequencies(int dims, double theta) {
            return Rotary.frequencies(dims, theta);
        }
    }

    /** {@code linear}: position interpolation (Chen et al. 2023), every frequency divided by {@code factor}. */
    public record Linear(float factor) implements Scaling {
        @Override
        public float[] frequencies(int dims, double theta) {
            return each(Rotary.frequencies(dims, theta), frequency -> frequency / factor);
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
        public float[] frequencies(int dims, double theta) {
            return each(Rotary.frequencies(dims, theta), this::scaled);
        }

        private float scaled(float frequency) {
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

    /**
     * {@code longrope} (Ding et al. 2024), each frequency divided by a number of its own. Of the two tables that files
     * have this is the one for texts of up to {@code positions} tokens. transformers takes the other one for all tokens
     * of a longer text, those before that length, too; there is no such text here.
     *
     * @param factors {@code short_factor}, one for each pair
     * @param growth {@code attention_factor}
     */
    public record LongRope(List<Float> factors, float growth, int positions) implements Scaling {
        public LongRope {
            factors = List.copyOf(factors);
        }

        @Override
        public float[] frequencies(int dims, double theta) {
            float[] divisors = new float[factors.size()];
            for (int i = 0; i < divisors.length; i++) {
                divisors[i] = factors.get(i);
            }
            return Rotary.frequencies(dims, theta, divisors);
        }
    }

    private interface One {
        float scaled(float frequency);
    }

    private static float[] each(float[] frequencies, One one) {
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = one.scaled(frequencies[i]);
        }
        return frequencies;
    }

    /** Of whole heads. */
    public RotaryConfig(double theta, Scaling scaling) {
        this(theta, 1, scaling);
    }

    static RotaryConfig read(JsonObject json, int maxPositions, int headSize, Usual usual) {
        requirePart(json, usual);
        RotaryConfig parameters = read(json, "rope_parameters", maxPositions, headSize, usual);
        if (!json.has("rope_scaling") || json.object("rope_scaling").fields().isEmpty()) {
            return parameters;
        }
        RotaryConfig scaled = read(json, "rope_scaling", maxPositions, headSize, usual);
        boolean loses = !parameters.scaling.equals(scaled.scaling) && !(parameters.scaling instanceof Unscaled);
        if (json.has("rope_parameters")
                && (loses || parameters.theta != scaled.theta || parameters.part != scaled.part)) {
            throw json.error("rope_scaling", "means " + scaled + ", and rope_parameters " + parameters
                    + ", of which transformers would take nothing; one of the two is enough");
        }
        return scaled;
    }

    private static RotaryConfig read(JsonObject json, String field, int maxPositions, int headSize, Usual usual) {
        double part = json.number("partial_rotary_factor", usual.part);
        if (!json.has(field)) {
            return new RotaryConfig(theta(json, usual.theta), part, new Unscaled());
        }
        JsonObject rope = json.object(field);
        requirePart(rope, usual);
        part = rope.number("partial_rotary_factor", part);
        return new RotaryConfig(theta(rope, theta(json, usual.theta)), part,
                scaling(json, rope, maxPositions, pairs(headSize, part)));
    }

    private static void requirePart(JsonObject json, Usual usual) {
        double part = json.number("partial_rotary_factor", usual.part);
        if (usual.whole && part != 1) {
            throw json.error("partial_rotary_factor", "only whole heads are turned, so it must be 1");
        }
        if (!(part > 0 && part <= 1)) {
            throw json.error("partial_rotary_factor", "must be above 0 and at most 1, not " + part);
        }
    }

    private static double theta(JsonObject json, double whenAbsent) {
        return json.has("rope_theta") ? ConfigFields.positiveNumber(json, "rope_theta") : whenAbsent;
    }

    private static Scaling scaling(JsonObject json, JsonObject rope, int maxPositions, int pairs) {
        String field = rope.has("rope_type") || !rope.has("type") ? "rope_type" : "type";
        String type = rope.string(field, "default");
        if (!type.equals("longrope") && !type.equals("su")) {
            rope.allowOnly(FIELDS);
        }
        JsonObject place = json.has("original_max_position_embeddings") ? json : rope;
        return switch (type) {
            case "default" -> new Unscaled();
            case "linear" -> new Linear((float) ConfigFields.positiveNumber(rope, "factor"));
            case "llama3" -> {
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
            case "longrope", "su" -> LongRopeFields.read(rope,
                    ConfigFields.positive(place, "original_max_position_embeddings", maxPositions), maxPositions,
                    pairs);
            default -> throw rope.error(field, "\"" + type + "\" is not one of default, linear, llama3, longrope");
        };
    }

    private static int pairs(int headSize, double part) {
        return (int) (headSize * part) / 2;
    }

    /** The frequencies of the pairs of a head of {@code headSize} elements. */
    float[] frequencies(int headSize) {
        return scaling.frequencies((int) (headSize * part), theta);
    }

    /** What turns heads of {@code headSize} elements, whose halves are pairs. */
    RotaryTables tables(int headSize) {
        return new RotaryTables(frequencies(headSize), Rotary.Order.HALVES, scaling.growth());
    }
}
