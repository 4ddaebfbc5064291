package dev.lorikeet.transformer.hub;

import java.util.List;

/** What Hugging Face calls the files of a model. */
public final class HubFiles {
    /** What stands beside the weights and {@code config.json}, and does not depend on the weights. */
    public static final List<String> BESIDE_WEIGHTS = List.of("generation_config.json", "tokenizer.json",
            "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt", "vocab.json",
            "merges.txt", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "chat_template.jinja");

    private HubFiles() {}
}
