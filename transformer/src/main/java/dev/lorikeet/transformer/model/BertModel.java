package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.transformer.InputException;
import dev.lorikeet.transformer.weights.Weights;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * BERT (Devlin et al. 2018): token, position and segment embeddings, a stack of encoder layers and, where the checkpoint
 * has one, a pooler. The model's own dropout is not applied: adapters bring theirs.
 */
public final class BertModel extends Module {
    /** What a checkpoint may hold beside the encoder: heads of its pre-training, and a buffer of position ids. */
    private static final String BESIDE_THE_ENCODER = "(cls|classifier)\\..*|(.*\\.)?position_ids";

    private final BertConfig config;
    private final Embedding words;
    private final Embedding positions;
    private final Embedding types;
    private final LayerNorm norm;
    private final List<BertLayer> layers = new ArrayList<>();
    private final @Nullable Linear pooler;

    BertModel(BertConfig config, Checkpoint checkpoint) {
        this.config = config;
        int hidden = config.hiddenSize();
        words = embedding(checkpoint, "word_embeddings", config.vocabularySize(), config.paddingIndex());
        positions = embedding(checkpoint, "position_embeddings", config.maxPositions(), SequenceOps.NO_PADDING);
        types = embedding(checkpoint, "token_type_embeddings", config.typeVocabularySize(), SequenceOps.NO_PADDING);
        norm = child("embeddings.LayerNorm",
                checkpoint.layerNorm("embeddings.LayerNorm", hidden, config.layerNormEps()));
        for (int i = 0; i < config.layers(); i++) {
            String path = "encoder.layer." + i;
            layers.add(child(path, new BertLayer(config, checkpoint, path)));
        }
        pooler = checkpoint.contains("pooler.dense.weight")
                ? child("pooler.dense", checkpoint.linear("pooler.dense", hidden, hidden))
                : null;
    }

    private Embedding embedding(Checkpoint checkpoint, String name, int entries, int paddingIndex) {
        String path = "embeddings." + name;
        return child(path, checkpoint.embedding(path, entries, config.hiddenSize(), paddingIndex));
    }

    /**
     * Builds the model from {@code weights}, whose names may begin with {@code bert.} as in checkpoints with a head.
     *
     * @throws InputException if a tensor is missing, has another shape than {@code config} says, or belongs to no layer
     */
    public static BertModel load(BertConfig config, Weights weights) {
        String prefix = weights.contains("bert.embeddings.word_embeddings.weight") ? "bert." : "";
        Checkpoint checkpoint = new Checkpoint(weights).under(prefix);
        BertModel model = new BertModel(config, checkpoint);
        checkpoint.requireAllTaken(BESIDE_THE_ENCODER);
        return model;
    }

    public BertConfig config() {
        return config;
    }

    public boolean hasPooler() {
        return pooler != null;
    }

    /**
     * The last hidden state.
     *
     * @return (rows, hidden)
     * @throws IllegalArgumentException if a sequence is longer than the model's positions, or an id is not in its table
     */
    public Variable forward(Tape tape, Batch batch) {
        int[] offsets = batch.offsets();
        for (int s = 0; s < batch.sequences(); s++) {
            if (offsets[s + 1] - offsets[s] > config.maxPositions()) {
                throw new IllegalArgumentException("bert: sequence " + s + " has " + (offsets[s + 1] - offsets[s])
                        + " tokens, the model has " + config.maxPositions() + " positions");
            }
        }
        Variable placed = ElementOps.add(tape, words.forward(tape, batch.ids()),
                positions.forward(tape, batch.positions()));
        Variable x = norm.forward(tape, placed, types.forward(tape, batch.typeIds()));
        for (BertLayer layer : layers) {
            x = layer.forward(tape, x, offsets);
        }
        return x;
    }

    /**
     * tanh of a linear map of each sequence's first token.
     *
     * @param hidden (rows, hidden), from {@link #forward}
     * @return (sequences, hidden)
     * @throws IllegalStateException if the checkpoint has no pooler
     */
    public Variable pooled(Tape tape, Variable hidden, int[] offsets) {
        if (pooler == null) {
            throw new IllegalStateException("bert: this checkpoint has no pooler");
        }
        return ElementOps.tanh(tape, pooler.forward(tape, SequenceOps.first(tape, hidden, offsets)));
    }
}
