package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Pass;
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

    private final Architecture architecture;
    private final T5Config config;
    private final Embedding words;
    private final T5Stack encoder;
    private final T5Stack decoder;

    T5Model(Architecture architecture, T5Config config, TensorReader files) {
        this.architecture = architecture;
        this.config = config;
        TensorReader named = SharedWords.named(files, "shared", "encoder.embed_tokens", "decoder.embed_tokens");
        words = child("shared", named.embedding("shared", config.vocabularySize(), config.hiddenSize(),
                SequenceOps.NO_PADDING));
        SharedWords.requireSame(named, words, "encoder.embed_tokens", "decoder.embed_tokens");
        encoder = child("encoder", new T5Stack(config, false, words, files.under("encoder.")));
        decoder = child("decoder", new T5Stack(config, true, words, files.under("decoder.")));
    }

    @Override
    public Architecture architecture() {
        return architecture;
    }

    @Override
    public T5Config config() {
        return config;
    }

    @Override
    public Embedding words() {
        return words;
    }

    @Override
    Stack encoder() {
        return encoder;
    }

    @Override
    int count() {
        return decoder.count();
    }

    @Override
    protected Variable embed(Pass pass, Batch batch) {
        requireOneSegment(batch);
        return decoder.embed(pass, batch);
    }

    @Override
    protected Variable layer(int index, Pass pass, Variable x) {
        return decoder.layer(index, pass, x);
    }

    @Override
    protected Variable finish(Pass pass, Variable x) {
        return decoder.finish(pass, x);
    }
}
