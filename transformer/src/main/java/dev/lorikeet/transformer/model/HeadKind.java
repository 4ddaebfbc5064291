package dev.lorikeet.transformer.model;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.function.Function;

/**
 * One of Hugging Face's classes of an architecture: how its head is made, and what becomes of the backbone's pooler.
 */
public record HeadKind(Pooler pooler, Function<Head.Source, Head> maker) {
    /**
     * A class, or numbers, for each sequence: {@code …ForSequenceClassification}.
     *
     * @param path of the last layer in Hugging Face's files
     */
    public static HeadKind sequences(SequenceHead.Pooling pooling, String path) {
        return new HeadKind(pooling == SequenceHead.Pooling.POOLER ? Pooler.REQUIRED : Pooler.NONE,
                source -> new SequenceHead(source, pooling, path));
    }

    /**
     * A class for each token: {@code …ForTokenClassification}.
     *
     * @param path of the layer in Hugging Face's files
     */
    public static HeadKind tokens(String path) {
        return new HeadKind(Pooler.NONE, source -> new TokenHead(source, path));
    }

    /** The token after each token: {@code GPT2LMHeadModel}, {@code LlamaForCausalLM}. */
    public static HeadKind causal() {
        return new HeadKind(Pooler.NONE, CausalHead::new);
    }

    /**
     * The token behind each mask: {@code …ForMaskedLM}.
     *
     * @param dense the path of the linear layer in Hugging Face's files
     * @param norm the path of the layer norm
     * @param bias the path of the bias
     */
    public static HeadKind masked(String dense, String norm, String bias,
            Function<JsonObject, Activation> activation) {
        return new HeadKind(Pooler.NONE,
                source -> new MaskedHead(source, dense, norm, bias, activation.apply(source.config())));
    }
}
