package dev.lorikeet.transformer.hub;

import java.util.List;
import java.util.stream.Stream;

/** What Hugging Face calls the files of a model. */
public final class HubFiles {
    /** What a tokenizer is read from. */
    public static final List<String> TOKENIZER = List.of("tokenizer.json", "tokenizer_config.json",
            "special_tokens_map.json", "added_tokens.json", "vocab.txt", "vocab.json", "merges.txt", "tokenizer.model",
            "spiece.model", "spm.model", "sentencepiece.bpe.model");

    /** What stands beside the weights and {@code config.json}, and does not depend on the weights. */
    public static final List<String> BESIDE_WEIGHTS = Stream.of(List.of("generation_config.json"), TOKENIZER,
            List.of("chat_template.jinja")).flatMap(List::stream).toList();

    private HubFiles() {}
}
