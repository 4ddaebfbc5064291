package dev.lorikeet.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.model.embedding.DimensionAwareEmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import dev.langchain4j.model.embedding.request.EmbeddingParameter;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponseMetadata;
import dev.langchain4j.model.output.TokenUsage;
import dev.lorikeet.transformer.task.Embedder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Embeddings of an {@link Embedder}, computed in this JVM:
 *
 * <pre>{@code
 * var embedder = Embedder.of(Model.load("all-MiniLM-L6-v2"), EmbeddingHead.Pooling.MEAN, true);
 * EmbeddingModel model = LorikeetEmbeddingModel.of(embedder);
 * }</pre>
 *
 * <p>A request may want fewer dimensions, for models that were trained for it. Queries and documents are told apart
 * where the model was given {@linkplain #withPrefixes prefixes}. Safe to share between threads.
 */
public final class LorikeetEmbeddingModel extends DimensionAwareEmbeddingModel {
    private final Embedder embedder;
    private final @Nullable Prefixes prefixes;
    private final List<EmbeddingModelListener> listeners;

    private record Prefixes(String query, String document) {}

    private LorikeetEmbeddingModel(Embedder embedder, @Nullable Prefixes prefixes,
            List<EmbeddingModelListener> listeners) {
        this.embedder = embedder;
        this.prefixes = prefixes;
        this.listeners = listeners;
        this.dimension = embedder.dimensions();
    }

    /** The embeddings of an embedder, with the prefix that it has. */
    public static LorikeetEmbeddingModel of(Embedder embedder) {
        return new LorikeetEmbeddingModel(embedder, null, List.of());
    }

    /**
     * This, with a text before each query and one before each document, as e5's {@code "query: "} and {@code "passage:
     * "}. What a request says nothing of is a document.
     */
    public LorikeetEmbeddingModel withPrefixes(String query, String document) {
        Objects.requireNonNull(query, "embedding: the prefix of queries is null");
        Objects.requireNonNull(document, "embedding: the prefix of documents is null");
        return new LorikeetEmbeddingModel(embedder, new Prefixes(query, document), listeners);
    }

    /** This, which tells a listener of each request besides. */
    @Override
    public LorikeetEmbeddingModel addListener(EmbeddingModelListener listener) {
        List<EmbeddingModelListener> all = new ArrayList<>(listeners);
        all.add(listener);
        return new LorikeetEmbeddingModel(embedder, prefixes, List.copyOf(all));
    }

    @Override
    public List<EmbeddingModelListener> listeners() {
        return listeners;
    }

    @Override
    public Set<EmbeddingParameter<?>> supportedParameters() {
        return prefixes == null ? Set.of(EmbeddingRequestParameters.DIMENSIONS)
                : Set.of(EmbeddingRequestParameters.DIMENSIONS, EmbeddingRequestParameters.INPUT_TYPE);
    }

    @Override
    public String modelName() {
        return embedder.id();
    }

    /** @throws IllegalArgumentException if more dimensions are wanted than there are */
    @Override
    public EmbeddingResponse doEmbed(EmbeddingRequest request) {
        Embedder own = prefixes == null ? embedder
                : embedder.prefix(request.inputType() == EmbeddingInputType.QUERY ? prefixes.query
                        : prefixes.document);
        if (request.dimensions() != null) {
            own = own.dimensions(request.dimensions());
        }
        List<String> texts = request.inputs().stream().map(EmbeddingInput::text).toList();
        List<Embedding> embeddings = Arrays.stream(own.embed(texts)).map(Embedding::new).toList();
        int tokens = texts.stream().mapToInt(own::tokens).sum();
        return EmbeddingResponse.builder().embeddings(embeddings).metadata(EmbeddingResponseMetadata.builder()
                .modelName(modelName()).tokenUsage(new TokenUsage(tokens)).build()).build();
    }
}
