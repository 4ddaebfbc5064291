package dev.lorikeet.transformer.model;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One of Hugging Face's classes of an architecture: how its head is made, and what becomes of the backbone's pooler.
 *
 * @param name of the class, where it does not begin as the architecture's others do; else null
 * @param prefix the path of the base model in this class, where it is not that of the architecture's others; else null
 */
public record HeadKind(Pooler pooler, Function<Head.Source, Head> maker, @Nullable String name,
        @Nullable String prefix) {
    /** With a name like the architecture's others, and the base model at the same path. */
    public HeadKind(Pooler pooler, Function<Head.Source, Head> maker) {
        this(pooler, maker, null, null);
    }

    /** The same under a class name of its own. */
    public HeadKind named(String className) {
        return new HeadKind(pooler, maker, className, prefix);
    }

    /** The same of a class in which the base model has a path of its own. */
    public HeadKind over(String base) {
        return new HeadKind(pooler, maker, name, base);
    }

    /**
     * A class, or numbers, for each sequence: {@code …ForSequenceClassification}.
     *
     * @param pooling any but {@link SequenceHead.Pooling#FIRST}
     * @param path of the last layer in Hugging Face's files
     */
    public static HeadKind sequences(SequenceHead.Pooling pooling, String path) {
        return new HeadKind(pooling == SequenceHead.Pooling.POOLER ? Pooler.REQUIRED : Pooler.NONE,
                source -> new SequenceHead(source, pooling, null, path));
    }

    /**
     * A class, or numbers, for each sequence, by its first token.
     *
     * @param dense the path of the layer that it goes through
     * @param activation of that
     * @param path of the last layer
     */
    public static HeadKind firstToken(String dense, Function<JsonObject, Activation> activation, String path) {
        return new HeadKind(Pooler.NONE, source -> new SequenceHead(source, SequenceHead.Pooling.FIRST,
                new SequenceHead.Dense(dense, activation.apply(source.config())), path));
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
        return causal("lm_head", false);
    }

    /**
     * The token after each token.
     *
     * @param path of the layer in Hugging Face's files
     * @param bias whether it has one
     */
    public static HeadKind causal(String path, boolean bias) {
        return new HeadKind(Pooler.NONE, source -> new CausalHead(source, path, bias, 0f));
    }

    /**
     * The token after each token, by logits that do not get large.
     *
     * @param cap logits become cap·tanh(logit/cap); 0 for none
     */
    public static HeadKind causal(ToDoubleFunction<JsonObject> cap) {
        return new HeadKind(Pooler.NONE,
                source -> new CausalHead(source, "lm_head", false, (float) cap.applyAsDouble(source.config())));
    }

    /**
     * The token at each place of a decoder's text: {@code …ForConditionalGeneration}.
     *
     * @param scale of the hidden state before the table
     */
    public static HeadKind sequenceToSequence(ToDoubleFunction<JsonObject> scale) {
        return new HeadKind(Pooler.NONE, source -> new SequenceToSequenceHead(source, scale));
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
        return masked(_ -> new MaskedHead.Paths(dense, norm, bias), activation);
    }

    /**
     * The token behind each mask, where files may have one form or another.
     *
     * @param paths by {@code config.json}
     */
    static HeadKind masked(Function<JsonObject, MaskedHead.Paths> paths,
            Function<JsonObject, Activation> activation) {
        return new HeadKind(Pooler.NONE, source -> new MaskedHead(source, paths.apply(source.config()),
                activation.apply(source.config())));
    }

    /** Where an answer begins and ends: {@code …ForQuestionAnswering}. */
    public static HeadKind spans() {
        return new HeadKind(Pooler.NONE, SpanHead::new);
    }
}
