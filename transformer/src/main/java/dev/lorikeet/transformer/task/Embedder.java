package dev.lorikeet.transformer.task;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.EmbeddingHead;
import dev.lorikeet.transformer.model.Model;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The embeddings of texts. Immutable; while nothing trains the model or attaches to it, any number of threads may ask
 * it. A text has the same bits alone as among others, since batches have no padding.
 *
 * <pre>{@code
 * Embedder embedder = Embedder.of(TaskModel.load(Path.of("out/mine")));
 * float[][] embeddings = embedder.embed(List.of("a small domesticated animal", "a deep feeling"));
 * }</pre>
 */
public final class Embedder {
    private final TaskModel<List<String>, Float, float[][]> model;
    private final boolean normalize;
    private final String prefix;
    private final int dimensions;

    private Embedder(TaskModel<List<String>, Float, float[][]> model, boolean normalize, String prefix,
            int dimensions) {
        this.model = model;
        this.normalize = normalize;
        this.prefix = prefix;
        this.dimensions = dimensions;
    }

    /**
     * Of a model as it is: as its model card says, all-MiniLM and e5 have the mean, bge [CLS].
     *
     * @param normalize whether embeddings are scaled to a length of 1, so that their products are cosines
     * @throws InputException if the model has no tokenizer
     */
    public static Embedder of(Model model, EmbeddingHead.Pooling pooling, boolean normalize) {
        Objects.requireNonNull(pooling, "embedder: the pooling is null");
        // the loss is for training alone
        return of(TaskModel.of(model, new SentenceEmbedding(pooling, normalize, EmbeddingLoss.cosineSimilarity()), 0));
    }

    /**
     * Of a model as it is, pooled as its {@linkplain Model#pooling files} say, by the mean where they do not.
     *
     * @param normalize whether embeddings are scaled to a length of 1
     * @throws InputException if the model has no tokenizer
     */
    public static Embedder of(Model model, boolean normalize) {
        EmbeddingHead.Pooling own = model.pooling();
        return of(model, own == null ? EmbeddingHead.Pooling.MEAN : own, normalize);
    }

    /**
     * Of a model that was trained for embeddings, as {@link TaskModel#load} has it.
     *
     * @throws InputException if it is for another task
     */
    @SuppressWarnings("unchecked") // generics are not in files: the task says what it reads
    public static Embedder of(TaskModel<?, ?, ?> model) {
        if (!(model.task() instanceof SentenceEmbedding task)) {
            throw new InputException("model: " + model.model().id() + " is for the task " + model.task().kind() + ", "
                    + SentenceEmbedding.KIND + " is expected");
        }
        return new Embedder((TaskModel<List<String>, Float, float[][]>) model, task.normalize(), "",
                model.backbone().config().hiddenSize());
    }

    /** This, with a text before each text: e5 wants {@code "query: "} or {@code "passage: "}. */
    public Embedder prefix(String before) {
        return new Embedder(model, normalize, Objects.requireNonNull(before, "embedder: the prefix is null"),
                dimensions);
    }

    /**
     * This, with no more than the first elements of embeddings, scaled again to a length of 1 where they had it: for
     * models that were trained for it (Kusupati et al. 2022, "Matryoshka Representation Learning").
     *
     * @throws IllegalArgumentException if this does not have so many
     */
    public Embedder dimensions(int first) {
        if (first < 1 || first > dimensions) {
            throw new IllegalArgumentException("embedder: the first " + first + " of " + dimensions + " dimensions");
        }
        return new Embedder(model, normalize, prefix, first);
    }

    /** By which its model is found, see {@link Model#id}. */
    public String id() {
        return model.model().id();
    }

    /** What it computes with. */
    public Compute compute() {
        return model.compute();
    }

    /** How many elements an embedding has. */
    public int dimensions() {
        return dimensions;
    }

    /**
     * The embedding of each text, of which no more is read than {@link Model}'s backbone can.
     *
     * @throws NullPointerException if a text is null
     */
    public float[][] embed(List<String> texts) {
        return model.predict(texts.stream().map(this::prefixed).toList()).stream().map(embedding -> cut(embedding[0]))
                .toArray(float[][]::new);
    }

    /** Null would be a word. */
    private List<String> prefixed(String text) {
        return List.of(prefix + Objects.requireNonNull(text, "embedder: a text is null"));
    }

    /** The embedding of one text. */
    public float[] embed(String text) {
        return embed(List.of(text))[0];
    }

    /** How many tokens {@link #embed} reads of a text, with the prefix and what the tokenizer puts around. */
    public int tokens(String text) {
        return model.encode(prefixed(text), null).ids().length;
    }

    private float[] cut(float[] embedding) {
        if (embedding.length == dimensions) {
            return embedding;
        }
        float[] first = Arrays.copyOf(embedding, dimensions);
        return normalize ? normalized(first) : first;
    }

    /**
     * The cosine of the angle between two embeddings, in [-1, 1]; 0 where one of them has no direction.
     *
     * @throws IllegalArgumentException if one is longer than the other
     */
    public static double cosine(float[] one, float[] other) {
        if (one.length != other.length) {
            throw new IllegalArgumentException("cosine: embeddings of " + one.length + " and " + other.length
                    + " elements");
        }
        double product = dot(one, other);
        return product == 0 ? 0 : product / Math.sqrt(dot(one, one) * dot(other, other));
    }

    /** An embedding of length 1 in the same direction; zeros stay. */
    static float[] normalized(float[] embedding) {
        double norm = Math.sqrt(dot(embedding, embedding));
        float[] scaled = embedding.clone();
        for (int i = 0; norm > 0 && i < scaled.length; i++) {
            scaled[i] = (float) (scaled[i] / norm);
        }
        return scaled;
    }

    private static double dot(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += (double) one[i] * other[i];
        }
        return sum;
    }
}
