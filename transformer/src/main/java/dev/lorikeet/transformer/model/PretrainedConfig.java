package dev.lorikeet.transformer.model;

/** What the {@code config.json} of every architecture says. */
public interface PretrainedConfig {
    /** {@code vocab_size}. */
    int vocabularySize();

    /** The length of a hidden state. */
    int hiddenSize();

    /** The number of layers. */
    int layers();

    /** The number of attention heads in a layer. */
    int heads();

    /** The number of positions. */
    int maxPositions();

    /** {@code pad_token_id}, or {@link dev.lorikeet.autograd.SequenceOps#NO_PADDING}. */
    int paddingIndex();

    /** The number of segments that the model tells apart, {@code type_vocab_size}. */
    default int segments() {
        return 1;
    }
}
