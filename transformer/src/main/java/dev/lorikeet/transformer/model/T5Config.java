package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.Map;

/**
 * What {@code config.json} says about a T5 (Raffel et al. 2020), of version 1.0 or 1.1.
 *
 * @param hiddenSize {@code d_model}
 * @param layers {@code num_layers} of the encoder
 * @param decoderLayers {@code num_decoder_layers}, or as many
 * @param heads {@code num_heads}
 * @param headSize {@code d_kv}
 * @param intermediateSize {@code d_ff}
 * @param maxPositions {@code n_positions}, the length of texts in pre-training; 512 where there is none
 * @param activation of {@code feed_forward_proj}
 * @param gated whether that is a gate, {@code gated-…}: version 1.1
 * @param buckets {@code relative_attention_num_buckets}
 * @param maxDistance {@code relative_attention_max_distance}
 */
public record T5Config(int vocabularySize, int hiddenSize, int layers, int decoderLayers, int heads, int headSize,
        int intermediateSize, int maxPositions, Activation activation, boolean gated, float layerNormEps, int buckets,
        int maxDistance) implements PretrainedConfig {
    private static final String GATED = "gated-";
    private static final int FARTHEST = 1 << 20;
    private static final Map<String, String> OWN_NAMES = Map.of("hidden_size", "d_model", "num_attention_heads",
            "num_heads", "num_hidden_layers", "num_layers", "head_dim", "d_kv");

    /** No row of the embeddings is without a gradient. */
    @Override
    public int paddingIndex() {
        return SequenceOps.NO_PADDING;
    }

    static T5Config read(JsonObject file) {
        JsonObject json = ConfigFields.underOwnNames(file, OWN_NAMES);
        ConfigFields.require(json, "model_type", "t5");
        ConfigFields.require(json, "is_encoder_decoder", true, "an encoder and a decoder are expected");
        ConfigFields.refuseUnsupported(json);
        int layers = ConfigFields.positive(json, "num_layers");
        String forward = json.string("feed_forward_proj", "relu");
        boolean gated = forward.startsWith(GATED);
        String name = gated ? forward.substring(GATED.length()) : forward;
        JsonObject named = ConfigFields.with(json, "feed_forward_proj",
                forward.equals("gated-gelu") ? "gelu_new" : name);
        T5Config config = new T5Config(ConfigFields.positive(json, "vocab_size"),
                ConfigFields.positive(json, "d_model"), layers,
                ConfigFields.positive(json, "num_decoder_layers", layers), ConfigFields.positive(json, "num_heads"),
                ConfigFields.positive(json, "d_kv", 64), ConfigFields.positive(json, "d_ff"),
                ConfigFields.positive(json, "n_positions", 512),
                ConfigFields.activation(named, "feed_forward_proj", "relu"), gated,
                ConfigFields.eps(json, "layer_norm_epsilon", 1e-6),
                ConfigFields.positive(json, "relative_attention_num_buckets", 32),
                ConfigFields.positive(json, "relative_attention_max_distance", 128));
        if (config.buckets % 2 != 0 || config.buckets < 4 || config.maxDistance <= config.buckets / 2) {
            throw json.error("relative_attention_num_buckets", "must be even, at least 4 and below twice "
                    + "relative_attention_max_distance " + config.maxDistance + ", not " + config.buckets);
        }
        if (config.maxDistance > FARTHEST) { // each distance has a place in a table
            throw json.error("relative_attention_max_distance", "must be at most " + FARTHEST + ", not "
                    + config.maxDistance);
        }
        return config;
    }

    /**
     * By what the decoder's hidden state is multiplied before the table: 1/√hidden in version 1.0. Files before
     * transformers 5 say so by {@code tie_word_embeddings}.
     */
    static double outputScale(JsonObject json) {
        boolean scaled = json.flag("scale_decoder_outputs", json.flag("tie_word_embeddings", true));
        return scaled ? Math.pow(read(json).hiddenSize, -0.5) : 1;
    }

    /**
     * The buckets of distances of a query from a key, each behind the other as far as another bucket comes; rounded as
     * in transformers, in float and down.
     *
     * @param bidirectional whether keys behind the query have buckets, too
     */
    int[] buckets(boolean bidirectional) {
        int[] buckets = new int[2 * maxDistance + 1];
        for (int distance = -maxDistance; distance <= maxDistance; distance++) {
            int half = bidirectional ? this.buckets / 2 : this.buckets;
            int away = bidirectional ? Math.abs(distance) : Math.max(0, distance);
            buckets[distance + maxDistance] = (bidirectional && distance < 0 ? half : 0) + bucket(away, half);
        }
        return buckets;
    }

    private int bucket(int away, int count) {
        int exact = count / 2;
        if (away < exact) {
            return away;
        }
        float log = (float) Math.log((float) away / exact) / (float) Math.log((double) maxDistance / exact);
        return Math.min(exact + (int) (log * (count - exact)), count - 1);
    }
}
