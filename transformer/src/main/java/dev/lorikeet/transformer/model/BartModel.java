package dev.lorikeet.transformer.model;

import java.util.Map;

/**
 * BART (Lewis et al. 2020): BERT's layers, normalised after each residual sum, as encoder and, with cross-attention, as
 * decoder; learned positions, counted from 2 on, and a layer norm behind the embeddings.
 */
public final class BartModel extends EncoderDecoder {
    /** The descriptor. */
    static final Architecture ARCHITECTURE = new Architecture("bart", "Bart", "model", "shared.weight", true,
            "final_logits_bias", (architecture, config, files, _) -> new BartModel(architecture,
                    BartConfig.read(config), files),
            Map.of("ForConditionalGeneration", HeadKind.sequenceToSequence(_ -> 1)));

    private final BartConfig config;

    BartModel(Architecture architecture, BartConfig config, TensorReader files) {
        super(architecture, config, config.paddingIndex(), files,
                (words, named) -> new BartStack(config, config.encoder(), false, words, named),
                (words, named) -> new BartStack(config, config.decoder(), true, words, named));
        this.config = config;
    }

    @Override
    public BartConfig config() {
        return config;
    }
}
