package dev.lorikeet.transformer.generation;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.settings.Setting;
import java.util.List;
import java.util.Map;

/** Reads the settings in a {@code generation_config.json}, or those in the {@code config.json} of older files. */
final class GenerationConfigFile {
    /** Fields that would change what is written and have no meaning here, with the values that change nothing. */
    private static final Map<String, List<?>> UNSUPPORTED = Map.ofEntries(Map.entry("typical_p", List.of(1, 1.0)),
            Map.entry("epsilon_cutoff", List.of(0, 0.0)), Map.entry("eta_cutoff", List.of(0, 0.0)),
            Map.entry("top_h", List.of()), Map.entry("diversity_penalty", List.of(0, 0.0)),
            Map.entry("num_beam_groups", List.of(1)), Map.entry("penalty_alpha", List.of(0, 0.0)),
            Map.entry("encoder_repetition_penalty", List.of(1, 1.0)),
            Map.entry("encoder_no_repeat_ngram_size", List.of(0)), Map.entry("bad_words_ids", List.of()),
            Map.entry("force_words_ids", List.of()), Map.entry("constraints", List.of()),
            Map.entry("exponential_decay_length_penalty", List.of()),
            Map.entry("suppress_tokens", List.of(List.of())), Map.entry("begin_suppress_tokens", List.of(List.of())),
            Map.entry("sequence_bias", List.of()), Map.entry("guidance_scale", List.of(1, 1.0)),
            Map.entry("watermarking_config", List.of()));
    /** What is a task of its own to say, or the command's. */
    private static final List<Setting<?>> NOT_READ = List.of(GenerationSettings.EOS_TOKEN_ID,
            GenerationSettings.SEED);

    private GenerationConfigFile() {}

    /**
     * Those of a file.
     *
     * @param encoderDecoder whether lengths are those of new tokens and the one that a decoder begins with; else those
     *     with the prompt, of which a maximum says no more than that the model has so many positions
     * @throws dev.lorikeet.transformer.io.InputException naming file, field and rule
     */
    static GenerationSettings settings(JsonObject json, boolean encoderDecoder) {
        UNSUPPORTED.forEach((field, neutral) -> {
            if (json.has(field) && !neutral.contains(json.fields().get(field))) {
                throw json.error(field, json.fields().get(field) + " is not supported");
            }
        });
        GenerationSettings settings = GenerationSettings.defaults();
        for (Setting<?> setting : GenerationSettings.ALL) {
            String field = setting.key().replace('-', '_');
            if (json.has(field) && !NOT_READ.contains(setting)) {
                settings = settings.with(setting, json, field);
            }
        }
        if (encoderDecoder && json.has("max_length") && !json.has("max_new_tokens")) {
            settings = settings.withMaxNewTokens(Math.max(1, json.integer("max_length") - 1));
        }
        int least = json.integer("min_length", 0);
        if (least > 0 && !encoderDecoder) {
            throw json.error("min_length", least + " is not supported, min_new_tokens is");
        }
        return least > 0 && !json.has("min_new_tokens")
                ? settings.with(GenerationSettings.MIN_NEW_TOKENS, least - 1)
                : settings;
    }
}
