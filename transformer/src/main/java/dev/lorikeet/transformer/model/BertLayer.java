package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.SelfAttention;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Attention;

/**
 * One encoder layer, normalised after each residual sum: self-attention, then two linears with an activation, as a rule
 * GELU, between them.
 */
final class BertLayer extends Module {
    private final SelfAttention attention;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear attentionOutput;
    private final LayerNorm attentionNorm;
    private final Linear intermediate;
    private final Linear output;
    private final LayerNorm outputNorm;

    BertLayer(BertConfig config, TensorReader files, String path) {
        int hidden = config.hiddenSize();
        attention = child("attention.self", new SelfAttention(Attention.bidirectional(config.heads())));
        query = linear(files, path, "attention.self.query", hidden, hidden, Activation.NONE);
        key = linear(files, path, "attention.self.key", hidden, hidden, Activation.NONE);
        value = linear(files, path, "attention.self.value", hidden, hidden, Activation.NONE);
        attentionOutput = linear(files, path, "attention.output.dense", hidden, hidden, Activation.NONE);
        attentionNorm = layerNorm(files, path, "attention.output.LayerNorm", config);
        intermediate = linear(files, path, "intermediate.dense", hidden, config.intermediateSize(),
                config.activation());
        output = linear(files, path, "output.dense", config.intermediateSize(), hidden, Activation.NONE);
        outputNorm = layerNorm(files, path, "output.LayerNorm", config);
    }

    private Linear linear(TensorReader files, String path, String name, int in, int out, Activation activation) {
        return child(name, files.linear(path + "." + name, in, out, activation));
    }

    private LayerNorm layerNorm(TensorReader files, String path, String name, BertConfig config) {
        return child(name, files.layerNorm(path + "." + name, config.hiddenSize(), config.layerNormEps()));
    }

    /** (rows, hidden) to (rows, hidden). */
    Variable forward(Pass pass, Variable x) {
        Variable context = attention.forward(pass, query.forward(pass, x), key.forward(pass, x),
                value.forward(pass, x));
        Variable attended = attentionNorm.forward(pass.tape(), attentionOutput.forward(pass, context), x);
        Variable expanded = intermediate.forward(pass, attended);
        return outputNorm.forward(pass.tape(), output.forward(pass, expanded), attended);
    }
}
