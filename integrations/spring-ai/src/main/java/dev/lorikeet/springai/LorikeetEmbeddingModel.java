package dev.lorikeet.springai;

import dev.lorikeet.transformer.task.Embedder;
import io.micrometer.observation.ObservationRegistry;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.content.Media;
import org.springframework.ai.document.Document;
import org.springframework.ai.document.MetadataMode;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;
import org.springframework.ai.embedding.observation.DefaultEmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationContext;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationDocumentation;

/**
 * Embeddings of an {@link Embedder}, computed in this JVM:
 *
 * <pre>{@code
 * var embedder = Embedder.of(Model.load("all-MiniLM-L6-v2"), EmbeddingHead.Pooling.MEAN, true);
 * EmbeddingModel model = LorikeetEmbeddingModel.of(embedder);
 * }</pre>
 *
 * <p>A request may want fewer dimensions, for models that were trained for it. Safe to share between threads.
 */
public final class LorikeetEmbeddingModel implements EmbeddingModel {
    private static final EmbeddingModelObservationConvention NAMES = new DefaultEmbeddingModelObservationConvention();

    private final Embedder embedder;
    private final MetadataMode metadata;
    private final ObservationRegistry registry;
    private final @Nullable EmbeddingModelObservationConvention convention;

    private LorikeetEmbeddingModel(Embedder embedder, MetadataMode metadata, ObservationRegistry registry,
            @Nullable EmbeddingModelObservationConvention convention) {
        this.embedder = embedder;
        this.metadata = metadata;
        this.registry = registry;
        this.convention = convention;
    }

    /** The embeddings of an embedder, with the prefix and the dimensions that it has. */
    public static LorikeetEmbeddingModel of(Embedder embedder) {
        return new LorikeetEmbeddingModel(embedder, MetadataMode.NONE, ObservationRegistry.NOOP, null);
    }

    /** This, with what of a document's metadata stands before its text; {@link MetadataMode#NONE} at first. */
    public LorikeetEmbeddingModel withMetadata(MetadataMode mode) {
        return new LorikeetEmbeddingModel(embedder, mode, registry, convention);
    }

    /**
     * This, each request of which is an observation, {@code gen_ai.client.operation}.
     *
     * @param names null for Spring AI's own
     */
    public LorikeetEmbeddingModel observedBy(ObservationRegistry observations,
            @Nullable EmbeddingModelObservationConvention names) {
        return new LorikeetEmbeddingModel(embedder, metadata, observations, names);
    }

    /** What it asks. */
    public Embedder embedder() {
        return embedder;
    }

    /**
     * @throws UnsupportedOperationException if the options ask for what is not there, by its name
     * @throws IllegalArgumentException if more dimensions are wanted than there are
     */
    @Override
    public EmbeddingResponse call(EmbeddingRequest request) {
        EmbeddingModelObservationContext context = EmbeddingModelObservationContext.builder().embeddingRequest(request)
                .provider(Refusals.PROVIDER).build();
        return Objects.requireNonNull(EmbeddingModelObservationDocumentation.EMBEDDING_MODEL_OPERATION
                .observation(convention, NAMES, () -> context, registry).observe(() -> {
                    EmbeddingResponse response = answer(request.getInstructions(), request.getOptions());
                    context.setResponse(response);
                    return response;
                }));
    }

    private EmbeddingResponse answer(List<String> texts, @Nullable EmbeddingOptions options) {
        Embedder own = embedder;
        if (options != null) {
            Refusals.requireSupported(options, embedder.id());
            own = options.getDimensions() == null ? own : own.dimensions(options.getDimensions());
        }
        float[][] vectors = own.embed(texts);
        int tokens = texts.stream().mapToInt(own::tokens).sum();
        return new EmbeddingResponse(
                IntStream.range(0, vectors.length).mapToObj(i -> new Embedding(vectors[i], i)).toList(),
                new EmbeddingResponseMetadata(embedder.id(), new DefaultUsage(tokens, 0)));
    }

    /** @throws UnsupportedOperationException if the document has no text */
    @Override
    public float[] embed(Document document) {
        return embed(getEmbeddingContent(document));
    }

    @Override
    public String getEmbeddingContent(Document document) {
        Media media = document.getMedia();
        if (media != null) {
            throw Refusals.unsupported("a document of " + media.getMimeType());
        }
        return document.getFormattedContent(metadata);
    }

    @Override
    public int dimensions() {
        return embedder.dimensions();
    }
}
