package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

/**
 * The post-processor, as far as one text goes: the tokens put before and after it. {@code TemplateProcessing} spells
 * them out, {@code BertProcessing} names the one before and the one after.
 */
record SpecialTokens(TokenList before, TokenList after) {
    private static final Set<String> TEMPLATE_FIELDS = Set.of("type", "single", "pair", "special_tokens");
    private static final Set<String> BERT_FIELDS = Set.of("type", "sep", "cls");

    static SpecialTokens of(JsonObject processor) {
        String type = processor.string("type");
        return switch (type) {
            case "TemplateProcessing" -> template(processor);
            case "BertProcessing" -> bert(processor);
            default -> throw processor.error("type",
                    type + " is not supported, TemplateProcessing and BertProcessing are");
        };
    }

    private static SpecialTokens template(JsonObject processor) {
        processor.allowOnly(TEMPLATE_FIELDS);
        SpecialTokens result = new SpecialTokens(new TokenList(), new TokenList());
        TokenList side = result.before();
        for (JsonObject piece : processor.objects("single")) {
            boolean sequence = piece.has("Sequence");
            JsonObject content = piece.object(sequence ? "Sequence" : "SpecialToken");
            if (content.integer("type_id") != 0) {
                throw content.error("type_id", "a single text is of type 0");
            }
            if (!sequence) {
                addSpecial(processor.object("special_tokens").object(content.string("id")), side);
            } else if (side == result.before() && content.string("id").equals("A")) {
                side = result.after();
            } else {
                throw content.error("id", "a single text is the sequence A, once");
            }
        }
        if (side == result.before()) {
            throw processor.error("single", "the sequence A is missing");
        }
        return result;
    }

    private static void addSpecial(JsonObject special, TokenList side) {
        List<?> ids = special.list("ids");
        List<?> tokens = special.list("tokens");
        if (ids.size() != tokens.size()) {
            throw special.error("ids", ids.size() + " ids for " + tokens.size() + " tokens");
        }
        for (int i = 0; i < ids.size(); i++) {
            add(tokens.get(i), ids.get(i), side,
                    special.error("ids", "ids and tokens are expected, not " + ids + tokens));
        }
    }

    private static SpecialTokens bert(JsonObject processor) {
        processor.allowOnly(BERT_FIELDS);
        return new SpecialTokens(pair(processor, "cls"), pair(processor, "sep"));
    }

    private static TokenList pair(JsonObject processor, String field) {
        List<?> pair = processor.list(field);
        InputException otherwise = processor.error(field, "a token and its id are expected, not " + pair);
        if (pair.size() != 2) {
            throw otherwise;
        }
        TokenList side = new TokenList();
        add(pair.get(0), pair.get(1), side, otherwise);
        return side;
    }

    private static void add(@Nullable Object token, @Nullable Object id, TokenList side, InputException otherwise) {
        if (!(token instanceof String text) || !(id instanceof Integer number) || number < 0) {
            throw otherwise;
        }
        side.add(text, number);
    }

    int largestId() {
        return IntStream.concat(before.ids.intStream(), after.ids.intStream()).max().orElse(-1);
    }

    /** Puts them around a text's tokens, of which as many as fit are kept. */
    Encoding around(TokenList text, int maxLength) {
        int room = maxLength - before.size() - after.size();
        if (room < 0) {
            throw new IllegalArgumentException("encode: a longest length of " + maxLength + " has no room for "
                    + (before.size() + after.size()) + " special tokens");
        }
        TokenList all = new TokenList();
        all.addFirst(before, before.size());
        all.addFirst(text, Math.min(room, text.size()));
        all.addFirst(after, after.size());
        return new Encoding(all.ids.toIntArray(), List.copyOf(all.tokens), Math.max(0, text.size() - room));
    }
}
