package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.RmsNorm;
import dev.lorikeet.autograd.nn.RotaryTables;
import dev.lorikeet.autograd.nn.SelfAttention;
import dev.lorikeet.tensor.Attention;
import org.jspecify.annotations.Nullable;

/**
 * Llama (Touvron et al. 2023) and its relatives: rotary positions in each layer (Su et al. 2021), causal attention in
 * which several heads of queries share one of keys and values (Ainslie et al. 2023), RMS norm before each part and once
 * more at the end, a gated feed-forward part (Shazeer 2020). {@link LlamaRelatives} says how each of them differs.
 */
public final class LlamaModel extends Decoder {
    /** The descriptor. */
    static final Architecture ARCHITECTURE = LlamaRelatives.of("llama", "Llama", false, LlamaConfig::read);

    static final Paths PATHS = new Paths("embed_tokens", "layers.", "norm");

    LlamaModel(Architecture architecture, LlamaConfig config, TensorReader files) {
        RotaryTables rotary = config.rotary().tables(config.headSize());
        super(architecture, config, PATHS,
                files.embedding(PATHS.words(), config.vocabularySize(), config.hiddenSize(), config.paddingIndex()),
                i -> new Layer(config, config.forms().get(i), rotary, files.under(PATHS.layers() + i + ".")),
                files.rmsNorm(PATHS.norm(), config.hiddenSize(), config.rmsNormEps()));
    }

    /** x + attention(norm(x)), then x + mlp(norm(x)). */
    private static final class Layer extends Decoder.Layer {
        private final SelfAttention attention;
        private final RmsNorm attentionNorm;
        private final Linear query;
        private final @Nullable RmsNorm queryNorm;
        private final Linear key;
        private final @Nullable RmsNorm keyNorm;
        private final Linear value;
        private final Linear attentionOutput;
        private final RmsNorm mlpNorm;
        private final Linear gate;
        private final Linear up;
        private final Linear down;

        Layer(LlamaConfig config, LlamaConfig.Form form, RotaryTables rotary, TensorReader files) {
            int hidden = config.hiddenSize();
            int queries = config.heads() * config.headSize();
            int keys = config.keyValueHeads() * config.headSize();
            int inner = config.intermediateSize();
            float eps = config.rmsNormEps();
            boolean bias = config.biases().queryKeyValue();
            boolean mlpBias = config.biases().mlp();
            attentionNorm = rmsNorm(files, "input_layernorm", hidden, eps);
            attention = child("self_attn", new SelfAttention(Attention.causal(config.heads(), config.keyValueHeads())
                    .withWindow(form.window()), form.rotary() ? rotary : null));
            query = linear(files, "self_attn.q_proj", hidden, queries, bias);
            key = linear(files, "self_attn.k_proj", hidden, keys, bias);
            value = linear(files, "self_attn.v_proj", hidden, keys, bias);
            attentionOutput = linear(files, "self_attn.o_proj", queries, hidden, config.biases().output());
            queryNorm = config.headNorms() ? rmsNorm(files, "self_attn.q_norm", config.headSize(), eps) : null;
            keyNorm = config.headNorms() ? rmsNorm(files, "self_attn.k_norm", config.headSize(), eps) : null;
            mlpNorm = rmsNorm(files, "post_attention_layernorm", hidden, eps);
            gate = linear(files, "mlp.gate_proj", hidden, inner, mlpBias, config.activation());
            up = linear(files, "mlp.up_proj", hidden, inner, mlpBias);
            down = linear(files, "mlp.down_proj", inner, hidden, mlpBias);
        }

        @Override
        Variable forward(Pass pass, Variable x) {
            Tape tape = pass.tape();
            Variable normed = attentionNorm.forward(tape, x);
            Variable context = attention.forward(pass, eachHead(tape, queryNorm, query.forward(pass, normed)),
                    eachHead(tape, keyNorm, key.forward(pass, normed)), value.forward(pass, normed));
            Variable attended = ElementOps.add(tape, x, attentionOutput.forward(pass, context));
            Variable mlpInput = mlpNorm.forward(tape, attended);
            Variable gated = ElementOps.multiply(tape, gate.forward(pass, mlpInput), up.forward(pass, mlpInput));
            return ElementOps.add(tape, attended, down.forward(pass, gated));
        }
    }
}
