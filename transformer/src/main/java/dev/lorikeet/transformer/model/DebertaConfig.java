package dev.lorikeet.transformer.model;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code config.json} says about a DeBERTa of version 2 or 3 (He et al. 2021).
 *
 * @param maxPositions {@code max_position_embeddings}
 * @param typeVocabularySize {@code type_vocab_size}; 0 for no embeddings of segments
 * @param activation {@code hidden_act}
 * @param biasedInput {@code position_biased_input}: whether positions are added to embeddings, too
 * @param embeddingSize {@code embedding_size}, if not that of hidden states
 * @param relative terms of scores by distance, or null
 * @param convolution {@code conv_kernel_size} and {@code conv_act}, or null
 * @param paddingIndex {@code pad_token_id}: the row of the word embeddings that gets no gradient
 */
public record DebertaConfig(int vocabularySize, int hiddenSize, int layers, int heads, int intermediateSize,
        int maxPositions, int typeVocabularySize, Activation activation, float layerNormEps, boolean biasedInput,
        int embeddingSize, @Nullable Relative relative, @Nullable Convolution convolution, int paddingIndex)
        implements
            PretrainedConfig {
    /**
     * Disentangled attention.
     *
     * @param span half the number of embeddings: {@code position_buckets}, or as many as distances
     * @param logarithmic whether far distances share buckets
     * @param longest {@code max_relative_positions}, or that of positions
     * @param byQuery whether a query is compared with the distance of a key, {@code c2p}
     * @param byKey whether a key is compared with the distance of a query, {@code p2c}
     * @param shared {@code share_att_key}: whether embeddings of distances go through the layers' own projections
     * @param normalised whether they are normalised first, {@code norm_rel_ebd}
     */
    public record Relative(int span, boolean logarithmic, int longest, boolean byQuery, boolean byKey, boolean shared,
            boolean normalised) {
        /**
         * The embedding of a distance of a query from a key, rounded as in transformers: in float, and up.
         *
         * @return 0 … 2·span - 1
         */
        int bucket(int distance) {
            return Math.clamp((long) (logarithmic ? logarithm(distance) : distance) + span, 0, 2 * span - 1);
        }

        private int logarithm(int distance) {
            int exact = span / 2;
            int away = Math.abs(distance);
            if (away <= exact) {
                return distance;
            }
            float log = (float) Math.log((float) away / exact) / (float) Math.log((float) ((longest - 1.0) / exact));
            return Integer.signum(distance) * ((int) Math.ceil(log * (exact - 1)) + exact);
        }
    }

    /** A convolution over the embeddings, beside the first layer. */
    public record Convolution(int size, Activation activation) {}

    private static final Set<String> TERMS = Set.of("c2p", "p2c");

    @Override
    public int segments() {
        return Math.max(1, typeVocabularySize);
    }

    /** The scale of scores: each term has a part in it. */
    float scale() {
        int terms = 1 + (relative != null && relative.byQuery ? 1 : 0) + (relative != null && relative.byKey ? 1 : 0);
        return (float) (1 / Math.sqrt((double) hiddenSize / heads * terms));
    }

    static DebertaConfig read(JsonObject json) {
        ConfigFields.require(json, "model_type", "deberta-v2");
        ConfigFields.refuseUnsupported(json);
        if (json.has("conv_groups") && json.integer("conv_groups") != 1) {
            throw json.error("conv_groups", "only convolutions of one group are supported");
        }
        int vocabularySize = ConfigFields.positive(json, "vocab_size");
        int hiddenSize = ConfigFields.positive(json, "hidden_size");
        int heads = ConfigFields.positive(json, "num_attention_heads");
        ConfigFields.requireDivides(json, "num_attention_heads", heads, "hidden_size", hiddenSize);
        if (json.has("attention_head_size") && json.integer("attention_head_size") != hiddenSize / heads) {
            throw json.error("attention_head_size", "must be hidden_size / num_attention_heads " + hiddenSize / heads);
        }
        if (ConfigFields.positive(json, "pooler_hidden_size", hiddenSize) != hiddenSize) {
            throw json.error("pooler_hidden_size", "must be hidden_size " + hiddenSize);
        }
        int maxPositions = ConfigFields.positive(json, "max_position_embeddings");
        int kernel = json.integer("conv_kernel_size", 0);
        if (kernel < 0 || kernel > 0 && kernel % 2 == 0) {
            throw json.error("conv_kernel_size", "must be odd, not " + kernel);
        }
        int types = json.integer("type_vocab_size", 0);
        return new DebertaConfig(vocabularySize, hiddenSize, ConfigFields.positive(json, "num_hidden_layers"), heads,
                ConfigFields.positive(json, "intermediate_size"), maxPositions, Math.max(0, types),
                ConfigFields.activation(json, "hidden_act", "gelu"), ConfigFields.eps(json, "layer_norm_eps", 1e-7),
                json.flag("position_biased_input", true), ConfigFields.positive(json, "embedding_size", hiddenSize),
                json.flag("relative_attention", false) ? relative(json, maxPositions) : null,
                kernel == 0 ? null : new Convolution(kernel, ConfigFields.activation(json, "conv_act", "tanh")),
                ConfigFields.paddingIndex(json, vocabularySize, 0));
    }

    private static Relative relative(JsonObject json, int maxPositions) {
        int longest = json.integer("max_relative_positions", -1);
        longest = longest < 1 ? maxPositions : longest;
        int buckets = json.integer("position_buckets", -1);
        List<String> terms = list(json, "pos_att_type");
        for (String term : terms) {
            if (!TERMS.contains(term)) {
                throw json.error("pos_att_type", "\"" + term + "\" is not one of c2p, p2c");
            }
        }
        if (buckets == 1 || buckets > 0 && longest <= buckets / 2 + 1) {
            throw json.error("position_buckets", "must be at least 2, and max_relative_positions above its half, not "
                    + buckets + " and " + longest);
        }
        List<String> norms = json.has("norm_rel_ebd") ? list(json, "norm_rel_ebd") : List.of();
        return new Relative(buckets > 0 ? buckets : longest, buckets > 0, longest, terms.contains("c2p"),
                terms.contains("p2c"), json.flag("share_att_key", false), norms.contains("layer_norm"));
    }

    /** Names, as a list or with bars between them. */
    private static List<String> list(JsonObject json, String field) {
        if (json.fields().get(field) instanceof List<?> names) {
            return names.stream().map(String::valueOf).toList();
        }
        return json.has(field) ? Arrays.stream(json.string(field).toLowerCase(Locale.ROOT).split("\\|"))
                .map(String::strip).toList() : List.of();
    }
}
