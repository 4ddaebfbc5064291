package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.RmsNorm;
import dev.lorikeet.autograd.nn.RotaryTables;
import dev.lorikeet.autograd.nn.SelfAttention;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Attention;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.SequenceHead.Pooling;
import java.util.Collections;
import java.util.Map;

/**
 * Phi-3 (Abdin et al. 2024): Llama, with queries, keys and values from one projection, and so gate and up; a window,
 * and only a part of each head turned, where the config says so.
 */
public final class Phi3Model extends Decoder {
    /** The descriptor. */
    static final Architecture ARCHITECTURE = new Architecture("phi3", "Phi3", "model", "embed_tokens.weight", false,
            "(.*\\.)?rotary_emb\\.inv_freq",
            (architecture, config, files, _) -> new Phi3Model(architecture, config(config), files),
            Map.of("ForSequenceClassification", HeadKind.sequences(Pooling.LAST_TOKEN, "score"),
                    "ForTokenClassification", HeadKind.tokens("score"), "ForCausalLM", HeadKind.causal()));

    private static LlamaConfig config(JsonObject json) {
        LlamaConfig config = LlamaConfig.read(json, "phi3", 32_000, RotaryConfig.Usual.PHI3);
        return config.withWindows(Collections.nCopies(config.layers(), ConfigFields.window(json, 0)));
    }

    Phi3Model(Architecture architecture, LlamaConfig config, TensorReader files) {
        RotaryTables rotary = config.rotary().tables(config.headSize());
        super(architecture, config, LlamaModel.PATHS,
                files.embedding("embed_tokens", config.vocabularySize(), config.hiddenSize(), config.paddingIndex()),
                i -> new Layer(config, config.forms().get(i).window(), rotary, files.under("layers." + i + ".")),
                files.rmsNorm("norm", config.hiddenSize(), config.rmsNormEps()));
    }

    /** x + attention(norm(x)), then x + mlp(norm(x)). */
    private static final class Layer extends Decoder.Layer {
        private final int queries;
        private final int keys;
        private final int inner;
        private final Activation activation;
        private final SelfAttention attention;
        private final RmsNorm attentionNorm;
        private final Linear queryKeyValue;
        private final Linear attentionOutput;
        private final RmsNorm mlpNorm;
        private final Linear gateUp;
        private final Linear down;

        Layer(LlamaConfig config, int window, RotaryTables rotary, TensorReader files) {
            int hidden = config.hiddenSize();
            queries = config.heads() * config.headSize();
            keys = config.keyValueHeads() * config.headSize();
            inner = config.intermediateSize();
            activation = config.activation();
            attentionNorm = rmsNorm(files, "input_layernorm", hidden, config.rmsNormEps());
            attention = child("self_attn", new SelfAttention(
                    Attention.causal(config.heads(), config.keyValueHeads()).withWindow(window), rotary));
            queryKeyValue = linear(files, "self_attn.qkv_proj", hidden, queries + 2 * keys, false);
            attentionOutput = linear(files, "self_attn.o_proj", queries, hidden, false);
            mlpNorm = rmsNorm(files, "post_attention_layernorm", hidden, config.rmsNormEps());
            gateUp = linear(files, "mlp.gate_up_proj", hidden, 2 * inner, false);
            down = linear(files, "mlp.down_proj", inner, hidden, false);
        }

        @Override
        Variable forward(Pass pass, Variable x) {
            Tape tape = pass.tape();
            Variable qkv = queryKeyValue.forward(pass, attentionNorm.forward(tape, x));
            Variable context = attention.forward(pass, ShapeOps.columns(tape, qkv, 0, queries),
                    ShapeOps.columns(tape, qkv, queries, queries + keys),
                    ShapeOps.columns(tape, qkv, queries + keys, queries + 2 * keys));
            Variable attended = ElementOps.add(tape, x, attentionOutput.forward(pass, context));
            Variable both = gateUp.forward(pass, mlpNorm.forward(tape, attended));
            Variable gate = ElementOps.activate(tape, activation, ShapeOps.columns(tape, both, 0, inner));
            Variable gated = ElementOps.multiply(tape, gate, ShapeOps.columns(tape, both, inner, 2 * inner));
            return ElementOps.add(tape, attended, down.forward(pass, gated));
        }
    }
}
