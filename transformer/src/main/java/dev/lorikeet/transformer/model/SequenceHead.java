package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Activation;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One class, or numbers, for each sequence: {@code …ForSequenceClassification}. Encoders read the first token, BERT
 * through its pooler, the others through a layer of the head; decoders read the last token that is not
 * {@code pad_token_id}, and the last of all where there is no such id.
 */
public final class SequenceHead extends Head {
    /** How the rows of a sequence become one. */
    public enum Pooling {
        /** The first, through the backbone's pooler. */
        POOLER,
        /** The first, through a layer of the head. */
        FIRST,
        /** The last that is not padding. */
        LAST_TOKEN
    }

    /** From (rows, hidden) to (sequences, hidden). */
    private interface Reduction {
        Variable pooled(Pass pass, Variable hidden, Batch batch);
    }

    private final Outputs outputs;
    private final boolean pooler;
    private final Map<String, Object> changes;
    private final Reduction rows;
    private final Linear output;

    /** The layer of {@link Pooling#FIRST} in Hugging Face's files. */
    record Dense(String path, Activation activation) {}

    /**
     * A head from its parts.
     *
     * @param dense of {@link Pooling#FIRST}, else null
     * @param path of the last layer in Hugging Face's files
     */
    SequenceHead(Source source, Pooling pooling, @Nullable Dense dense, String path) {
        super(source);
        outputs = source.outputs();
        pooler = pooling == Pooling.POOLER;
        changes = source.changes();
        rows = rows(source, pooling, dense);
        output = child(path, source.linear(path, source.hiddenSize(), outputs.count(), pooling != Pooling.LAST_TOKEN,
                Activation.NONE));
    }

    private Reduction rows(Source source, Pooling pooling, @Nullable Dense dense) {
        Backbone backbone = source.backbone();
        return switch (pooling) {
            case POOLER -> (pass, x, _) -> backbone.pooled(pass, x);
            case FIRST -> first(source, Objects.requireNonNull(dense));
            case LAST_TOKEN -> (pass, x, batch) -> ShapeOps.gather(pass.tape(), x, lastTokens(batch,
                    backbone.config().paddingIndex()));
        };
    }

    /** The first row of each sequence, through a layer. */
    private Reduction first(Source source, Dense dense) {
        Linear layer = child(dense.path,
                source.linear(dense.path, source.hiddenSize(), source.hiddenSize(), true, dense.activation));
        return (pass, x, batch) -> layer.forward(pass.pooled(), SequenceOps.first(pass.tape(), x, batch.offsets()));
    }

    /** What the logits mean. */
    public Outputs outputs() {
        return outputs;
    }

    @Override
    public Variable features(Pass pass, Variable hidden, Batch batch) {
        return rows.pooled(pass, hidden, batch);
    }

    @Override
    public Variable scores(Pass pass, Variable features) {
        return output.forward(pass.pooled(), features);
    }

    @Override
    public boolean readsPooler() {
        return pooler;
    }

    @Override
    public Map<String, Object> changes() {
        return changes;
    }

    /** The row of the last token of each sequence that is not padding; its first row where all are. */
    private static int[] lastTokens(Batch batch, int padding) {
        int[] rows = new int[batch.sequences()];
        for (int s = 0; s < rows.length; s++) {
            int row = batch.offsets()[s + 1] - 1;
            while (row > batch.offsets()[s] && batch.ids()[row] == padding) {
                row--;
            }
            rows[s] = row;
        }
        return rows;
    }
}
