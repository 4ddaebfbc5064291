package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Fields that the {@code config.json} of several architectures have, with their rules. */
final class ConfigFields {
    private static final int MAX_LAYERS = 10_000;
    static final String DECODERS = "only decoders, which see what came before, are supported";

    private static final String FULL = "full_attention";
    private static final String SLIDING = "sliding_attention";

    /** Hugging Face's names of activations. */
    private static final Map<String, Activation> ACTIVATIONS = new LinkedHashMap<>();

    static {
        ACTIVATIONS.put("gelu", Activation.GELU);
        ACTIVATIONS.put("gelu_new", Activation.GELU_TANH);
        ACTIVATIONS.put("gelu_pytorch_tanh", Activation.GELU_TANH);
        ACTIVATIONS.put("gelu_fast", Activation.GELU_TANH);
        ACTIVATIONS.put("relu", Activation.RELU);
        ACTIVATIONS.put("silu", Activation.SILU);
        ACTIVATIONS.put("swish", Activation.SILU);
        ACTIVATIONS.put("tanh", Activation.TANH);
    }

    private ConfigFields() {}

    static Activation activation(JsonObject json, String field, String whenAbsent) {
        String name = json.string(field, whenAbsent);
        Activation activation = ACTIVATIONS.get(name);
        if (activation == null) {
            throw json.error(field, "\"" + name + "\" is not one of " + String.join(", ", ACTIVATIONS.keySet()));
        }
        return activation;
    }

    /** A whole number of at least 1. */
    static int positive(JsonObject json, String field) {
        int value = json.integer(field);
        if (value < 1) {
            throw json.error(field, "must be at least 1, not " + value);
        }
        return value;
    }

    /** How many layers there are, of which a config keeps a list: so few that it costs nothing. */
    static int layers(JsonObject json) {
        int layers = positive(json, "num_hidden_layers");
        if (layers > MAX_LAYERS) {
            throw json.error("num_hidden_layers", "must be at most " + MAX_LAYERS + ", not " + layers);
        }
        return layers;
    }

    /** A whole number of at least 1, or {@code whenAbsent} where the field is missing or null. */
    static int positive(JsonObject json, String field, int whenAbsent) {
        return json.has(field) ? positive(json, field) : whenAbsent;
    }

    /** A finite number above 0. */
    static double positiveNumber(JsonObject json, String field) {
        double value = json.number(field);
        if (!(value > 0 && (float) value < Float.POSITIVE_INFINITY)) {
            throw json.error(field, "must be above 0, not " + value);
        }
        return value;
    }

    /** What a normalisation adds: a number of at least 0. */
    static float eps(JsonObject json, String field, double whenAbsent) {
        float eps = (float) json.number(field, whenAbsent);
        if (!(eps >= 0 && eps < Float.POSITIVE_INFINITY)) {
            throw json.error(field, "must be at least 0, not " + eps);
        }
        return eps;
    }

    /** Whether a field is there and null, which says more than a field that is not there. */
    static boolean isNull(JsonObject json, String field) {
        return json.fields().containsKey(field) && !json.has(field);
    }

    /** {@code sliding_window}, how many tokens up to itself a token sees; 0 for all, where it is null. */
    static int window(JsonObject json, int whenAbsent) {
        return isNull(json, "sliding_window") ? 0 : positive(json, "sliding_window", whenAbsent);
    }

    /**
     * For each layer the window that {@code layer_types} gives it, or 0.
     *
     * @param window of those that are {@code sliding_attention}; 0 where there is none
     * @param whenAbsent the layers that have one where there is no such field
     */
    static List<Integer> windows(JsonObject json, int layers, int window, IntPredicate whenAbsent) {
        List<?> types = json.has("layer_types") ? json.list("layer_types")
                : IntStream.range(0, layers)
                        .mapToObj(i -> whenAbsent.test(i) ? SLIDING : FULL).toList();
        if (types.size() != layers) {
            throw json.error("layer_types", "has " + types.size() + " of " + layers + " layers");
        }
        for (Object type : types) {
            if (!FULL.equals(type) && !SLIDING.equals(type)) {
                throw json.error("layer_types", Shown.value(type) + " is not one of " + FULL + ", " + SLIDING);
            }
            if (SLIDING.equals(type) && window == 0) {
                throw json.error("layer_types", "a layer is " + SLIDING + ", and there is no sliding_window");
            }
        }
        return types.stream().map(type -> SLIDING.equals(type) ? window : 0).toList();
    }

    /**
     * {@code pad_token_id}, none where it is null, or {@code whenAbsent}, which may be {@link SequenceOps#NO_PADDING}.
     */
    static int paddingIndex(JsonObject json, int vocabularySize, int whenAbsent) {
        if (isNull(json, "pad_token_id")) {
            return SequenceOps.NO_PADDING;
        }
        int index = json.integer("pad_token_id", whenAbsent);
        boolean none = index == SequenceOps.NO_PADDING && !json.has("pad_token_id");
        if (!none && (index < 0 || index >= vocabularySize)) {
            throw json.error("pad_token_id", "must be in [0, " + vocabularySize + "), not " + index);
        }
        return index;
    }

    /** {@code head_dim}, whose elements rotary positions turn in pairs. */
    static int evenHeads(JsonObject json, int headSize) {
        if (headSize % 2 != 0) {
            throw json.error("head_dim", "must be even, since rotary positions turn pairs, not " + headSize);
        }
        return headSize;
    }

    /** Refuses heads that are not of one size. */
    static void requireDivides(JsonObject json, String divisorField, int divisor, String field, int value) {
        if (value % divisor != 0) {
            throw json.error(divisorField, divisor + " does not divide " + field + " " + value);
        }
    }

    /** Refuses a field that is there and not {@code value}. */
    static void require(JsonObject json, String field, String value) {
        String found = json.string(field, value);
        if (!found.equals(value)) {
            throw json.error(field, "\"" + value + "\" is expected, not \"" + found + "\"");
        }
    }

    /** Refuses a field that is there and not {@code value}. */
    static void require(JsonObject json, String field, boolean value, String why) {
        if (json.flag(field, value) != value) {
            throw json.error(field, why + ", so it cannot be " + !value);
        }
    }

    /**
     * The same fields under their own names, where files may have others: transformers' {@code attribute_map}, by which
     * the name that is read last counts.
     *
     * @param ownNames by the other name
     * @throws dev.lorikeet.transformer.io.InputException if a field is there under both names with two values
     */
    static JsonObject underOwnNames(JsonObject json, Map<String, String> ownNames) {
        Map<String, Object> fields = new LinkedHashMap<>(json.fields());
        ownNames.forEach((other, own) -> {
            Object value = fields.remove(other);
            Object before = value == null ? null : fields.put(own, value);
            if (before != null && !before.equals(value)) {
                throw json.error(other, value + " contradicts " + own + " " + before + ", which is the same field");
            }
        });
        return new JsonObject(json.source(), json.place(), fields);
    }

    /** The same fields, and {@code field} where it is missing. */
    static JsonObject withDefault(JsonObject json, String field, Object value) {
        return json.has(field) ? json : with(json, field, value);
    }

    /** The same fields, but for one. */
    static JsonObject with(JsonObject json, String field, Object value) {
        Map<String, Object> fields = new LinkedHashMap<>(json.fields());
        fields.put(field, value);
        return new JsonObject(json.source(), json.place(), fields);
    }

    /** Refuses what no architecture here can do. */
    static void refuseUnsupported(JsonObject json) {
        if (json.has("quantization_config")) {
            throw json.error("quantization_config", "quantized weights cannot be read");
        }
        if (json.has("per_layer_config")) {
            throw json.error("per_layer_config", "all layers have one configuration here");
        }
    }
}
