package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.SelfAttention;
import dev.lorikeet.tensor.Attention;

/**
 * One encoder layer, normalised after each residual sum: self-attention, then two linears with an activation, as a rule
 * GELU, between them.
 */
final class BertLayer extends Block {
    /**
     * What Hugging Face's files call the parts.
     *
     * @param attention what has no weights itself
     */
    record Paths(String attention, String query, String key, String value, String attentionOutput,
            String attentionNorm, String intermediate, String output, String outputNorm) {
        /** BERT's, which most others have taken over. */
        static final Paths BERT = new Paths("attention.self", "attention.self.query", "attention.self.key",
                "attention.self.value", "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense",
                "output.dense", "output.LayerNorm");
    }

    private final SelfAttention attention;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear attentionOutput;
    private final LayerNorm attentionNorm;
    private final Linear intermediate;
    private final Linear output;
    private final LayerNorm outputNorm;

    /** @param files those of the layer */
    BertLayer(BertConfig config, Paths paths, TensorReader files) {
        int hidden = config.hiddenSize();
        float eps = config.layerNormEps();
        attention = child(paths.attention, new SelfAttention(Attention.bidirectional(config.heads())));
        query = linear(files, paths.query, hidden, hidden, true);
        key = linear(files, paths.key, hidden, hidden, true);
        value = linear(files, paths.value, hidden, hidden, true);
        attentionOutput = linear(files, paths.attentionOutput, hidden, hidden, true);
        attentionNorm = layerNorm(files, paths.attentionNorm, hidden, eps);
        intermediate = linear(files, paths.intermediate, hidden, config.intermediateSize(), true, config.activation());
        output = linear(files, paths.output, config.intermediateSize(), hidden, true);
        outputNorm = layerNorm(files, paths.outputNorm, hidden, eps);
    }

    /** norm(x + attention(x)), then norm(x + mlp(x)); (rows, hidden) to (rows, hidden). */
    Variable forward(Pass pass, Variable x) {
        Variable context = attention.forward(pass, query.forward(pass, x), key.forward(pass, x),
                value.forward(pass, x));
        Variable attended = attentionNorm.forward(pass.tape(), attentionOutput.forward(pass, context), x);
        Variable expanded = intermediate.forward(pass, attended);
        return outputNorm.forward(pass.tape(), output.forward(pass, expanded), attended);
    }
}
