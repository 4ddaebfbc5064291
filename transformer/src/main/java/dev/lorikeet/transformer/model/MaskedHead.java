package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.TiedHead;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.List;
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
    private final String biasPath;

    /**
     * A head from its parts in Hugging Face's files; a new one has new parts, and the table.
     *
     * @param densePath of the linear layer
     * @param normPath of the layer norm
     * @param headPath of the bias
     */
    MaskedHead(Source source, String densePath, String normPath, String headPath, Activation activation) {
        super(source);
        JsonObject config = source.config();
        ConfigFields.require(config, "tie_word_embeddings", true, "the head is tied to the word embeddings");
        Backbone backbone = source.backbone();
        int hidden = source.hiddenSize();
        dense = child(densePath, source.linear(densePath, hidden, hidden, true, activation));
        norm = child(normPath, source.layerNorm(normPath, ConfigFields.eps(config, "layer_norm_eps", 1e-12)));
        TensorReader files = source.files();
        int entries = backbone.config().vocabularySize();
        Tensor bias = files == null ? Tensor.zeros(entries) : files.read(headPath + ".bias", entries);
        head = child(headPath, new TiedHead(backbone.words(), bias, TABLE));
        biasPath = headPath + ".bias";
        if (files != null) {
            requireTied(files, headPath + "." + TABLE, () -> backbone.words().weight().value());
            requireTied(files, headPath + ".decoder.bias", () -> bias);
        }
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

    /** Without the bias, which begins at zero wherever a head is new. */
    @Override
    public List<String> drawn() {
        return super.drawn().stream().filter(path -> !path.equals(biasPath)).toList();
    }

    /** What the table is multiplied with. */
    @Override
    public Variable features(Pass pass, Variable hidden, Batch batch) {
        return norm.forward(pass.tape(), dense.forward(pass, hidden), null);
    }

    @Override
    public Variable scores(Pass pass, Variable features) {
        return head.forward(pass.tape(), features);
    }
}
