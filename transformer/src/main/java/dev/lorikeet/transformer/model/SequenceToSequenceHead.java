package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Buffer;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The token at each place of a decoder's text: {@code T5ForConditionalGeneration} and
 * {@code BartForConditionalGeneration}. The table is that of the embeddings where the file has no other one, whatever
 * {@code tie_word_embeddings} says, as in transformers 5.
 */
public final class SequenceToSequenceHead extends VocabularyHead {
    private static final String BIAS = "final_logits_bias";

    private final float scale;
    /** What BART's files add to logits, (1, vocabulary). */
    private final @Nullable Buffer bias;

    /** @param scale of the hidden state before the table */
    SequenceToSequenceHead(Source source, ToDoubleFunction<JsonObject> scale) {
        super(source, "lm_head", false, true);
        this.scale = (float) scale.applyAsDouble(source.config());
        TensorReader files = source.required();
        int vocabulary = source.backbone().config().vocabularySize();
        bias = files.contains(BIAS) ? parameter(BIAS, new Buffer(files.read(BIAS, 1, vocabulary))) : null;
    }

    @Override
    public Variable scores(Pass pass, Variable features) {
        Variable scaled = scale == 1 ? features : ElementOps.scale(pass.tape(), features, scale);
        Variable logits = table(pass, scaled);
        return bias == null ? logits
                : ElementOps.add(pass.tape(), logits, ShapeOps.reshape(pass.tape(), bias, bias.value().size()));
    }
}
