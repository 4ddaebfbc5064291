package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ReductionOps;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Pass;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * One vector of each sequence, its embedding, without a layer of its own (Reimers and Gurevych 2019, section 3). What
 * it gives are no logits but the embeddings: sentence-transformers' modules {@code Pooling} and {@code Normalize}.
 */
public final class EmbeddingHead extends Head {
    /** How the rows of a sequence become one. */
    public enum Pooling {
        /** Their mean. */
        MEAN("mean"),
        /** The first, BERT's [CLS]. */
        CLS("cls"),
        /** The last, which alone has seen all others in a decoder. */
        LAST_TOKEN("lasttoken");

        private final String fileName;

        Pooling(String fileName) {
            this.fileName = fileName;
        }

        /** The name in files, which is sentence-transformers'. */
        public String fileName() {
            return fileName;
        }

        /** @throws IllegalArgumentException if there is none of this name */
        public static Pooling of(String fileName) {
            return Arrays.stream(values()).filter(known -> known.fileName.equals(fileName)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("pooling: \"" + fileName + "\" is not one of "
                            + Arrays.stream(values()).map(Pooling::fileName).collect(Collectors.joining(", "))));
        }
    }

    private final Pooling pooling;
    private final boolean normalize;

    /** @param normalize whether embeddings are scaled to a length of 1 */
    public EmbeddingHead(Pooling pooling, boolean normalize) {
        super(false);
        this.pooling = pooling;
        this.normalize = normalize;
    }

    public Pooling pooling() {
        return pooling;
    }

    /** Whether embeddings have a length of 1. */
    public boolean normalizes() {
        return normalize;
    }

    @Override
    public Variable features(Pass pass, Variable hidden, Batch batch) {
        int[] offsets = batch.offsets();
        return switch (pooling) {
            case MEAN -> SequenceOps.mean(pass.tape(), hidden, offsets);
            case CLS -> SequenceOps.first(pass.tape(), hidden, offsets);
            case LAST_TOKEN -> ShapeOps.gather(pass.tape(), hidden,
                    Arrays.stream(offsets, 1, offsets.length).map(end -> end - 1).toArray());
        };
    }

    /** @return (sequences, hidden) */
    @Override
    public Variable scores(Pass pass, Variable features) {
        return normalize ? ReductionOps.normalize(pass.tape(), features) : features;
    }
}
