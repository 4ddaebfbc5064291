package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.TiedHead;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The token behind each mask: {@code …ForMaskedLM} of BERT and RoBERTa. A linear layer with an activation, layer norm,
 * and the table of the word embeddings with a bias of its own.
 */
public final class MaskedHead extends Head {
    /** Behind the path of the head. */
    private static final String TABLE = "decoder.weight";

    private final Linear dense;
    private final LayerNorm norm;
    private final TiedHead head;

    /**
     * A head from its parts in Hugging Face's files.
     *
     * @param densePath of the linear layer
     * @param normPath of the layer norm
     * @param headPath of the bias
     */
    MaskedHead(Source source, String densePath, String normPath, String headPath, Activation activation) {
        super(source);
        JsonObject config = source.config();
        ConfigFields.require(config, "tie_word_embeddings", true, "the head is tied to the word embeddings");
        TensorReader files = source.required();
        Backbone backbone = source.backbone();
        int hidden = source.hiddenSize();
        dense = child(densePath, files.linear(densePath, hidden, hidden, activation));
        norm = child(normPath, files.layerNorm(normPath, hidden,
                ConfigFields.eps(config, "layer_norm_eps", 1e-12)));
        Tensor bias = files.read(headPath + ".bias", backbone.config().vocabularySize());
        head = child(headPath, new TiedHead(backbone.words(), bias, TABLE));
        requireTied(files, headPath + "." + TABLE, () -> backbone.words().weight().value());
        requireTied(files, headPath + ".decoder.bias", () -> bias);
    }

    /** Files of before transformers 5 may repeat what is tied under its other name. */
    private static void requireTied(TensorReader files, String name, Supplier<Tensor> tensor) {
        if (files.differs(name, tensor)) {
            throw files.error(name, "differs from the tensor that it is tied to");
        }
    }

    @Override
    public Map<String, Object> changes() {
        if (!head.isTied()) {
            throw new IllegalStateException("save: the head has a table of its own, and " + className()
                    + " is read only where it is that of the word embeddings");
        }
        return Map.of();
    }

    @Override
    public Variable features(Pass pass, Variable hidden, Batch batch) {
        return hidden;
    }

    @Override
    public Variable scores(Pass pass, Variable features) {
        return head.forward(pass.tape(), norm.forward(pass.tape(), dense.forward(pass, features), null));
    }
}
