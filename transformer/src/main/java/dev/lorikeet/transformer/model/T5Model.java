package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import java.util.Map;

/**
 * T5 (Raffel et al. 2020), versions 1.0 and 1.1: RMS norm before each part and once more at the end of both stacks;
 * scores are not divided, and get a bias by distance, of which the first layer of a stack has the table for all.
 */
public final class T5Model extends EncoderDecoder {
    private static final String WORDS = "shared.weight";

    /** The descriptor. */
    static final Architecture ARCHITECTURE = new Architecture("t5", "T5", "", WORDS, true,
            "(.*\\.)?decoder\\.block\\.0\\.layer\\.1\\.EncDecAttention\\.relative_attention_bias\\.weight",
            (architecture, config, files, _) -> new T5Model(architecture, T5Config.read(config), files),
            Map.of("ForConditionalGeneration", HeadKind.sequenceToSequence(T5Config::outputScale)));

    private final T5Config config;

    T5Model(Architecture architecture, T5Config config, TensorReader files) {
        super(architecture, config, SequenceOps.NO_PADDING, files,
                (words, named) -> new T5Stack(config, false, words, named),
                (words, named) -> new T5Stack(config, true, words, named));
        this.config = config;
    }

    @Override
    public T5Config config() {
        return config;
    }
}
