package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.Rows;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What BERT and RoBERTa share, which is all but the positions: token, position and segment embeddings, a stack of
 * encoder layers and, where the checkpoint has one, a pooler.
 */
public abstract class BertEncoder extends Backbone {
    static final String WORDS = "embeddings.word_embeddings.weight";
    static final String BUFFERS = "(.*\\.)?position_ids";

    private static final String POOLER = "pooler.dense";

    private final BertConfig config;
    private final Embedding words;
    private final Embedding positions;
    private final Embedding types;
    private final LayerNorm norm;
    private final List<BertLayer> layers = new ArrayList<>();
    private final @Nullable Linear pooler;

    /** @param positionPadding the position that gets no gradient, or {@link SequenceOps#NO_PADDING} */
    BertEncoder(BertConfig config, TensorReader files, Pooler pooler, int positionPadding) {
        this.config = config;
        int hidden = config.hiddenSize();
        words = embedding(files, "word_embeddings", config.vocabularySize(), config.paddingIndex());
        positions = embedding(files, "position_embeddings", config.maxPositions(), positionPadding);
        types = embedding(files, "token_type_embeddings", config.typeVocabularySize(), SequenceOps.NO_PADDING);
        norm = child("embeddings.LayerNorm",
                files.layerNorm("embeddings.LayerNorm", hidden, config.layerNormEps()));
        for (int i = 0; i < config.layers(); i++) {
            String path = "encoder.layer." + i;
            layers.add(child(path, new BertLayer(config, files, path)));
        }
        boolean pooled = switch (pooler) {
            case REQUIRED -> true;
            case WHERE_PRESENT -> files.contains(POOLER + ".weight");
            case NONE -> false;
        };
        this.pooler = pooled ? child(POOLER, files.linear(POOLER, hidden, hidden)) : null;
    }

    private Embedding embedding(TensorReader files, String name, int entries, int paddingIndex) {
        String path = "embeddings." + name;
        return child(path, files.embedding(path, entries, config.hiddenSize(), paddingIndex));
    }

    /** (rows) the row of the position embeddings for each token. */
    abstract int[] positions(Rows rows, int[] ids);

    @Override
    public final BertConfig config() {
        return config;
    }

    /** The pooler. */
    @Override
    public final List<String> besideHiddenStates() {
        return pooler == null ? List.of() : List.of(POOLER);
    }

    @Override
    public final boolean hasPooler() {
        return pooler != null;
    }

    @Override
    public final Embedding words() {
        return words;
    }

    @Override
    protected final Variable embed(Pass pass, Batch batch) {
        Variable placed = ElementOps.add(pass.tape(), words.forward(pass, batch.ids()),
                positions.forward(pass, positions(pass.rows(), batch.ids())));
        return norm.forward(pass.tape(), placed, types.forward(pass, batch.typeIds()));
    }

    @Override
    protected final Variable layer(int index, Pass pass, Variable x) {
        return layers.get(index).forward(pass, x);
    }

    @Override
    protected final Variable finish(Pass pass, Variable x) {
        return x;
    }

    /** tanh of a linear map of each sequence's first token. */
    @Override
    public final Variable pooled(Pass pass, Variable hidden) {
        if (pooler == null) {
            return super.pooled(pass, hidden);
        }
        Variable first = SequenceOps.first(pass.tape(), hidden, pass.rows().offsets());
        return ElementOps.tanh(pass.tape(), pooler.forward(pass.pooled(), first));
    }
}
