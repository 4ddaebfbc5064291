package dev.lorikeet.transformer.model;

/**
 * RoBERTa (Liu et al. 2019): BERT's layers; positions count the tokens that are not padding, from
 * {@code pad_token_id} + 1 on, and padding has position {@code pad_token_id}, whose row is not trained.
 */
public final class RobertaModel extends BertEncoder {
    RobertaModel(BertConfig config, Checkpoint checkpoint, Pooler pooler) {
        super(config, checkpoint, pooler, config.paddingIndex());
    }

    @Override
    public Architecture architecture() {
        return Architecture.ROBERTA;
    }

    @Override
    public int maxTokens() {
        return config().maxPositions() - config().paddingIndex() - 1;
    }

    @Override
    int[] positions(Batch batch) {
        int padding = config().paddingIndex();
        int[] positions = new int[batch.rows()];
        for (int s = 0; s < batch.sequences(); s++) {
            int next = padding + 1;
            for (int i = batch.offsets()[s]; i < batch.offsets()[s + 1]; i++) {
                positions[i] = batch.ids()[i] == padding ? padding : next++;
            }
        }
        return positions;
    }
}
