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
 * What BERT, RoBERTa and ELECTRA share: token, position and segment embeddings, a linear layer behind them where they
 * are of another size, a stack of encoder layers and, where the checkpoint has one, a pooler.
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
    private final @Nullable Linear projection;
    private final List<BertLayer> layers = new ArrayList<>();
    private final @Nullable Linear pooler;

    /** @param positionPadding the position that gets no gradient, or {@link SequenceOps#NO_PADDING} */
    BertEncoder(BertConfig config, TensorReader files, Pooler pooler, int positionPadding) {
        this(config, config.hiddenSize(), files, pooler, positionPadding);
    }

    /** @param size of the embeddings */
    BertEncoder(BertConfig config, int size, TensorReader files, Pooler pooler, int positionPadding) {
        this.config = config;
        int hidden = config.hiddenSize();
        words = embedding(files, "word_embeddings", config.vocabularySize(), size, config.paddingIndex());
        positions = embedding(files, "position_embeddings", config.maxPositions(), size, positionPadding);
        types = embedding(files, "token_type_embeddings", config.typeVocabularySize(), size, SequenceOps.NO_PADDING);
        norm = child("embeddings.LayerNorm", files.layerNorm("embeddings.LayerNorm", size, config.layerNormEps()));
        projection = size == hidden ? null
                : child("embeddings_project", files.linear("embeddings_project", size, hidden));
        for (int i = 0; i < config.layers(); i++) {
            String path = "encoder.layer." + i;
            layers.add(child(path, new BertLayer(config, BertLayer.Paths.BERT, files.under(path + "."))));
        }
        this.pooler = pooler.isWanted(files, POOLER) ? child(POOLER, files.linear(POOLER, hidden, hidden)) : null;
    }

    private Embedding embedding(TensorReader files, String name, int entries, int size, int paddingIndex) {
        String path = "embeddings." + name;
        return child(path, files.embedding(path, entries, size, paddingIndex));
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
        Variable normed = norm.forward(pass.tape(), placed, types.forward(pass, batch.typeIds()));
        return projection == null ? normed : projection.forward(pass, normed);
    }

    @Override
    protected final Variable layer(int index, Pass pass, Variable x) {
        return layers.get(index).forward(pass, x);
    }

    @Override
    protected final Variable finish(Pass pass, Variable x) {
        return x;
    }

    @Override
    public final Variable pooled(Pass pass, Variable hidden) {
        return pooler == null ? super.pooled(pass, hidden) : Pooler.pooled(pass, pooler, hidden);
    }
}
