package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.RmsNorm;
import dev.lorikeet.autograd.nn.RotaryTables;
import dev.lorikeet.autograd.nn.SelfAttention;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Attention;
import dev.lorikeet.tensor.Rotary;
import dev.lorikeet.transformer.model.SequenceHead.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Llama (Touvron et al. 2023): rotary positions in each layer (Su et al. 2021), causal attention in which several heads
 * of queries share one of keys and values (Ainslie et al. 2023), RMS norm before each part and once more at the end, a
 * gated feed-forward part (Shazeer 2020). Biases are the exception.
 */
public final class LlamaModel extends Backbone {
    /** The descriptor. */
    static final Architecture ARCHITECTURE = new Architecture("llama", "Llama", "model", "embed_tokens.weight", false,
            "(.*\\.)?rotary_emb\\.inv_freq",
            (config, files, _) -> new LlamaModel(LlamaConfig.read(config), files),
            Map.of("ForSequenceClassification", HeadKind.sequences(Pooling.LAST_TOKEN, "score"),
                    "ForTokenClassification", HeadKind.tokens("score"), "ForCausalLM", HeadKind.causal()));

    private final LlamaConfig config;
    private final Embedding words;
    private final List<Layer> layers = new ArrayList<>();
    private final RmsNorm norm;

    LlamaModel(LlamaConfig config, TensorReader files) {
        this.config = config;
        words = child("embed_tokens", files.embedding("embed_tokens", config.vocabularySize(),
                config.hiddenSize(), config.paddingIndex()));
        RotaryTables rotary = new RotaryTables(config.rotary().frequencies(config.headSize()), Rotary.Order.HALVES);
        for (int i = 0; i < config.layers(); i++) {
            String path = "layers." + i;
            layers.add(child(path, new Layer(config, rotary, files.under(path + "."))));
        }
        norm = child("norm", files.rmsNorm("norm", config.hiddenSize(), config.rmsNormEps()));
    }

    @Override
    public Architecture architecture() {
        return ARCHITECTURE;
    }

    @Override
    public LlamaConfig config() {
        return config;
    }

    @Override
    public Embedding words() {
        return words;
    }

    @Override
    protected Variable embed(Pass pass, Batch batch) {
        requireOneSegment(batch);
        return words.forward(pass, batch.ids());
    }

    @Override
    protected Variable layer(int index, Pass pass, Variable x) {
        return layers.get(index).forward(pass, x);
    }

    @Override
    protected Variable finish(Pass pass, Variable x) {
        return norm.forward(pass.tape(), x);
    }

    /** x + attention(norm(x)), then x + mlp(norm(x)). */
    private static final class Layer extends Module {
        private final SelfAttention attention;
        private final RmsNorm attentionNorm;
        private final Linear query;
        private final Linear key;
        private final Linear value;
        private final Linear attentionOutput;
        private final RmsNorm mlpNorm;
        private final Linear gate;
        private final Linear up;
        private final Linear down;

        Layer(LlamaConfig config, RotaryTables rotary, TensorReader files) {
            int hidden = config.hiddenSize();
            int queries = config.heads() * config.headSize();
            int keys = config.keyValueHeads() * config.headSize();
            int inner = config.intermediateSize();
            boolean bias = config.attentionBias();
            attentionNorm = norm(files, "input_layernorm", config);
            attention = child("self_attn",
                    new SelfAttention(Attention.causal(config.heads(), config.keyValueHeads()), rotary));
            query = linear(files, "self_attn.q_proj", hidden, queries, bias, Activation.NONE);
            key = linear(files, "self_attn.k_proj", hidden, keys, bias, Activation.NONE);
            value = linear(files, "self_attn.v_proj", hidden, keys, bias, Activation.NONE);
            attentionOutput = linear(files, "self_attn.o_proj", queries, hidden, bias, Activation.NONE);
            mlpNorm = norm(files, "post_attention_layernorm", config);
            gate = linear(files, "mlp.gate_proj", hidden, inner, config.mlpBias(), config.activation());
            up = linear(files, "mlp.up_proj", hidden, inner, config.mlpBias(), Activation.NONE);
            down = linear(files, "mlp.down_proj", inner, hidden, config.mlpBias(), Activation.NONE);
        }

        private RmsNorm norm(TensorReader files, String path, LlamaConfig config) {
            return child(path, files.rmsNorm(path, config.hiddenSize(), config.rmsNormEps()));
        }

        private Linear linear(TensorReader files, String path, int in, int out, boolean bias,
                Activation activation) {
            return child(path, files.linear(path, in, out, bias, activation));
        }

        Variable forward(Pass pass, Variable x) {
            Tape tape = pass.tape();
            Variable normed = attentionNorm.forward(tape, x);
            Variable context = attention.forward(pass, query.forward(pass, normed), key.forward(pass, normed),
                    value.forward(pass, normed));
            Variable attended = ElementOps.add(tape, x, attentionOutput.forward(pass, context));
            Variable mlpInput = mlpNorm.forward(tape, attended);
            Variable gated = ElementOps.multiply(tape, gate.forward(pass, mlpInput), up.forward(pass, mlpInput));
            return ElementOps.add(tape, attended, down.forward(pass, gated));
        }
    }
}
