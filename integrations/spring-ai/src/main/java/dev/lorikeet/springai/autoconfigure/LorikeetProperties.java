package dev.lorikeet.springai.autoconfigure;

import dev.lorikeet.transformer.model.EmbeddingHead;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.document.MetadataMode;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties of Lorikeet's models. Where nothing is set, there are none.
 *
 * @param run Folder that `lorikeet finetune` or TaskModel.save has written. Of the task sentence-embedding it is the
 *     embedding model, of causal-language-model the chat model; of any task it is a bean of the type TaskModel.
 * @param baseModel Where the base model of the run's adapter is now, if not where the adapter says: a directory, a GGUF
 *     file, a built-in name, or ORG/NAME in the cache of the hub.
 * @param embedding Of the embedding model.
 * @param chat Of the chat model.
 */
@ConfigurationProperties(LorikeetProperties.PREFIX)
public record LorikeetProperties(@Nullable Path run, @Nullable String baseModel, @DefaultValue Embedding embedding,
        @DefaultValue Chat chat) {
    static final String PREFIX = "spring.ai.lorikeet";

    /**
     * Properties of the embedding model.
     *
     * @param model Model that embeds as it is, where no run does: a directory, a GGUF file, a built-in name such as
     *     all-MiniLM-L6-v2, or ORG/NAME in the cache of the hub.
     * @param pooling Which hidden states are the embedding, as the model's files say, else
     *     the mean, where this is not set; a run has its own.
     * @param normalize Whether embeddings are scaled to a length of 1; a run has its own.
     * @param prefix Text before each text, such as "query: " of e5.
     * @param dimensions How many first elements an embedding has; all where this is not set.
     * @param metadataMode What of a document's metadata stands before its text.
     */
    public record Embedding(@Nullable String model, EmbeddingHead.@Nullable Pooling pooling,
            @DefaultValue("true") boolean normalize, @DefaultValue("") String prefix, @Nullable Integer dimensions,
            @DefaultValue("none") MetadataMode metadataMode) {}

    /**
     * Properties of the chat model.
     *
     * @param model Language model with a chat template, where no run is one: a directory, a GGUF file, or ORG/NAME in
     *     the cache of the hub.
     * @param temperature Of drawing; 0 takes the most probable token. The model's generation_config.json decides where
     *     this is not set.
     * @param topP The most probable tokens alone whose probabilities sum up to this.
     * @param topK So many of the most probable tokens alone.
     * @param maxTokens So many tokens are written at most; as many as the model has positions where this is not set.
     * @param stopSequences Texts before which an answer ends.
     * @param seed Of drawing: the same seed gives the same answer.
     */
    public record Chat(@Nullable String model, @Nullable Double temperature, @Nullable Double topP,
            @Nullable Integer topK, @Nullable Integer maxTokens, @DefaultValue List<String> stopSequences,
            @Nullable Long seed) {}
}
