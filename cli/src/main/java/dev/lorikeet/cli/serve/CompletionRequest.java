package dev.lorikeet.cli.serve;

import dev.lorikeet.transformer.constraint.TextForm;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.settings.Setting;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a request for a completion says besides its prompt. What OpenAI's interface has and this server has not is
 * refused by name, unless it is asked to do nothing.
 *
 * @param model the name
 * @param how to write
 * @param stream whether the text is sent piece by piece
 * @param usage whether the last event of a stream counts tokens
 * @param cachePrompt whether what an earlier text has read of the prompt is not read again, {@code cache_prompt} of
 *     llama.cpp's server; the answer is the same
 */
record CompletionRequest(String model, GenerationSettings how, boolean stream, boolean usage, boolean cachePrompt) {
    private static final Set<String> OWN = Set.of("model", "stream", "stream_options", "max_tokens",
            "max_completion_tokens", "temperature", "top_p", "top_k", "min_p", "repetition_penalty", "n", "seed",
            "stop", "response_format", "cache_prompt");
    /** Fields that say a setting. */
    private static final Map<String, Setting<?>> READ = new LinkedHashMap<>();
    /** What is said of drawing draws, as with the command's flags. */
    private static final List<String> OF_DRAWING = List.of("temperature", "top_p", "top_k", "min_p", "seed");
    /** Fields that say nothing about the answer. */
    private static final Set<String> IGNORED = Set.of("user", "metadata", "store", "service_tier",
            "parallel_tool_calls", "safety_identifier", "prompt_cache_key");
    /** Fields that are not supported, with the values that ask for nothing. */
    private static final Map<String, List<?>> UNSUPPORTED = Map.ofEntries(
            Map.entry("frequency_penalty", List.of(0, 0.0)), Map.entry("presence_penalty", List.of(0, 0.0)),
            Map.entry("logprobs", List.of(false)), Map.entry("top_logprobs", List.of(0)),
            Map.entry("logit_bias", List.of(Map.of())), Map.entry("tools", List.of(List.of())),
            Map.entry("tool_choice", List.of("none", "auto")), Map.entry("functions", List.of(List.of())),
            Map.entry("echo", List.of(false)), Map.entry("best_of", List.of(1)), Map.entry("suffix", List.of("")));

    static {
        READ.put("temperature", GenerationSettings.TEMPERATURE);
        READ.put("top_p", GenerationSettings.TOP_P);
        READ.put("top_k", GenerationSettings.TOP_K);
        READ.put("min_p", GenerationSettings.MIN_P);
        READ.put("repetition_penalty", GenerationSettings.REPETITION_PENALTY);
        READ.put("seed", GenerationSettings.SEED);
        READ.put("stop", GenerationSettings.STOP_STRINGS);
    }

    /**
     * Reads a request.
     *
     * @param prompts the fields that have what is gone on from
     * @param usual what the model writes by
     * @param usualTokens how long an answer may be where the request does not say
     * @param mostTokens the most tokens of a text that anybody may ask for
     */
    static CompletionRequest of(JsonObject request, Set<String> prompts, GenerationSettings usual, int usualTokens,
            int mostTokens) {
        Set<String> known = new HashSet<>(prompts);
        known.addAll(OWN);
        known.addAll(IGNORED);
        known.addAll(UNSUPPORTED.keySet());
        request.allowOnly(known);
        UNSUPPORTED.forEach((name, neutral) -> {
            if (request.has(name) && !neutral.contains(request.fields().get(name))) {
                throw request.error(name, "is not supported");
            }
        });
        boolean stream = request.flag("stream", false);
        boolean usage = request.has("stream_options")
                && request.object("stream_options").flag("include_usage", false);
        return new CompletionRequest(request.string("model"), settings(request, usual, usualTokens, mostTokens), stream,
                usage, request.flag("cache_prompt", true));
    }

    private static GenerationSettings settings(JsonObject request, GenerationSettings usual, int usualTokens,
            int mostTokens) {
        int most = request.integer("max_completion_tokens",
                request.integer("max_tokens", Math.min(mostTokens, usualTokens)));
        if (most < 1 || most > mostTokens) {
            throw request.error(request.has("max_completion_tokens") ? "max_completion_tokens" : "max_tokens",
                    "must be from 1 to " + mostTokens + ", not " + most);
        }
        boolean greedy = request.has("temperature") && request.number("temperature") == 0;
        boolean draws = OF_DRAWING.stream().anyMatch(request::has) || request.integer("n", 1) > 1;
        GenerationSettings how = usual.withMaxNewTokens(most).with(GenerationSettings.NUM_RETURN_SEQUENCES, 1)
                .with(GenerationSettings.DO_SAMPLE, !greedy && (draws || usual.doSample()));
        for (Map.Entry<String, Setting<?>> each : READ.entrySet()) {
            if (request.has(each.getKey()) && !(greedy && each.getKey().equals("temperature"))) {
                how = how.with(each.getValue(), request, each.getKey());
            }
        }
        TextForm form = form(request);
        return form == null ? how : how.within(form);
    }

    private static @Nullable TextForm form(JsonObject request) {
        if (!request.has("response_format")) {
            return null;
        }
        JsonObject format = request.object("response_format");
        return switch (format.string("type")) {
            case "text" -> null;
            case "json_object" -> TextForm.jsonObject();
            case "json_schema" -> TextForm.jsonSchema(format.object("json_schema").object("schema"));
            default -> throw format.error("type", "must be text, json_object or json_schema, not "
                    + Shown.value(format.string("type")));
        };
    }
}
