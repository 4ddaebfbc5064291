package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.weights.Weights;

/** BERT (Devlin et al. 2018): positions count from 0 on, whatever the tokens. */
public final class BertModel extends BertEncoder {
    BertModel(BertConfig config, Checkpoint checkpoint, Pooler pooler) {
        super(config, checkpoint, pooler, SequenceOps.NO_PADDING);
    }

    /**
     * Builds the model from {@code weights}, whose names may begin with {@code bert.} as in checkpoints with a head.
     *
     * @throws InputException if a tensor is missing, has another shape than {@code config} says, or belongs to no layer
     */
    public static BertModel load(BertConfig config, Weights weights) {
        Checkpoint checkpoint = new Checkpoint(weights);
        BertModel model = new BertModel(config, Architecture.BERT.base(checkpoint), Pooler.WHERE_PRESENT);
        checkpoint.requireAllTaken(Architecture.BERT.besideTheBase());
        return model;
    }

    @Override
    public Architecture architecture() {
        return Architecture.BERT;
    }

    @Override
    int[] positions(Batch batch) {
        return batch.positions();
    }
}
