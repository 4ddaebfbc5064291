package dev.lorikeet.transformer.generation;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The tokens with which texts begin and end.
 *
 * @param ends any of which ends a text, {@code eos_token_id}
 * @param start with which a decoder that has an encoder begins, {@code decoder_start_token_id}; else {@link #NONE}
 * @param forcedFirst the first token behind that, {@code forced_bos_token_id}; or {@link #NONE}
 * @param forcedLast the last token of a text that becomes as long as it may, {@code forced_eos_token_id}
 */
record SpecialTokens(List<Integer> ends, int start, int forcedFirst, List<Integer> forcedLast) {
    static final int NONE = -1;

    SpecialTokens {
        ends = List.copyOf(ends);
        forcedLast = List.copyOf(forcedLast);
    }

    /**
     * Those that the files of a model say: {@code generation_config.json}, else {@code config.json}, and beside that
     * the tokenizer.
     *
     * @param encoderDecoder whether there is an encoder
     * @throws dev.lorikeet.transformer.io.InputException if an id is none of the vocabulary
     */
    static SpecialTokens of(Model model, @Nullable Tokenizer tokenizer, boolean encoderDecoder) {
        JsonObject json = model.generationConfig();
        int vocabulary = model.backbone().config().vocabularySize();
        List<Integer> ends = new ArrayList<>(ids(json, "eos_token_id", vocabulary));
        if (tokenizer != null) {
            model.endTokens(tokenizer).stream().filter(id -> !ends.contains(id)).forEach(ends::add);
        }
        if (!encoderDecoder) {
            return new SpecialTokens(ends, NONE, NONE, ids(json, "forced_eos_token_id", vocabulary));
        }
        List<Integer> start = ids(json, json.has("decoder_start_token_id") ? "decoder_start_token_id" : "bos_token_id",
                vocabulary);
        if (start.size() != 1) {
            throw json.error("decoder_start_token_id", "one token is expected, with which the decoder begins");
        }
        List<Integer> first = ids(json, "forced_bos_token_id", vocabulary);
        return new SpecialTokens(ends, start.getFirst(), first.isEmpty() ? NONE : first.getFirst(),
                ids(json, "forced_eos_token_id", vocabulary));
    }

    private static List<Integer> ids(JsonObject json, String field, int vocabulary) {
        if (!json.has(field)) {
            return List.of();
        }
        Object given = json.fields().get(field);
        List<?> all = given instanceof List<?> list ? list : List.of(given);
        List<Integer> ids = new ArrayList<>();
        for (Object each : all) {
            if (!(each instanceof Integer id) || id < 0 || id >= vocabulary) {
                throw json.error(field, each + " is none of the " + vocabulary + " tokens");
            }
            ids.add(id);
        }
        return ids;
    }

    /** With other ends. */
    SpecialTokens endingIn(List<Integer> others) {
        return new SpecialTokens(others, start, forcedFirst, forcedLast);
    }

    /** Without tokens that have to come: a text of a form has that alone. */
    SpecialTokens unforced() {
        return new SpecialTokens(ends, start, NONE, List.of());
    }

    boolean isEnd(int token) {
        return ends.contains(token);
    }

    /** Those that are forced where a text has {@code length} of at most {@code maxLength} tokens; none if none is. */
    int[] forced(int length, int maxLength) {
        return start != NONE && length == 1 && forcedFirst != NONE ? new int[] {forcedFirst}
                : length == maxLength - 1 && !forcedLast.isEmpty() ? forcedLast.stream().mapToInt(id -> id).toArray()
                        : IntStream.empty().toArray();
    }
}
