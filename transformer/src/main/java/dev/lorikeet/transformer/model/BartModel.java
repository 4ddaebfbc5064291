package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Pass;
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

    private final Architecture architecture;
    private final BartConfig config;
    private final Embedding words;
    private final BartStack encoder;
    private final BartStack decoder;

    BartModel(Architecture architecture, BartConfig config, TensorReader files) {
        this.architecture = architecture;
        this.config = config;
        TensorReader named = SharedWords.named(files, "shared", "encoder.embed_tokens", "decoder.embed_tokens");
        words = child("shared", named.embedding("shared", config.vocabularySize(), config.hiddenSize(),
                config.paddingIndex()));
        SharedWords.requireSame(named, words, "encoder.embed_tokens", "decoder.embed_tokens");
        encoder = child("encoder", new BartStack(config, config.encoder(), false, words, files.under("encoder.")));
        decoder = child("decoder", new BartStack(config, config.decoder(), true, words, files.under("decoder.")));
    }

    @Override
    public Architecture architecture() {
        return architecture;
    }

    @Override
    public BartConfig config() {
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
