package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.Map;
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
    /** What BART's files add to logits; a buffer, which is never trained. */
    private final @Nullable Variable bias;

    /** @param scale of the hidden state before the table */
    SequenceToSequenceHead(Source source, ToDoubleFunction<JsonObject> scale) {
        super(source, "lm_head", false, true);
        this.scale = (float) scale.applyAsDouble(source.config());
        TensorReader files = source.required();
        int vocabulary = source.backbone().config().vocabularySize();
        bias = files.contains(BIAS) ? Variable.constant(files.read(BIAS, 1, vocabulary).reshape(vocabulary)) : null;
    }

    @Override
    public Map<String, Object> changes() {
        if (bias != null && !isZero(bias.value())) {
            throw new IllegalStateException("save: " + className() + " has a " + BIAS + ", which is not written");
        }
        return Map.of();
    }

    private static boolean isZero(Tensor tensor) {
        for (float value : tensor.toArray()) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Variable scores(Pass pass, Variable features) {
        Variable scaled = scale == 1 ? features : ElementOps.scale(pass.tape(), features, scale);
        Variable logits = table(pass, scaled);
        return bias == null ? logits : ElementOps.add(pass.tape(), logits, bias);
    }
}
