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
import dev.lorikeet.transformer.model.SequenceHead.Pooling;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gemma 2 (Riviere et al. 2024) and the text part of Gemma 3 (Kamath et al. 2025): Llama's layers with a norm behind
 * each part, too, factors of norms stored less 1, embeddings times √hidden, windows in most layers. Gemma 2 caps scores
 * and logits; Gemma 3 normalises each head of queries and keys, and layers with a window have angles of their own.
 */
public final class GemmaModel extends Decoder {
    /** The descriptor of Gemma 2. */
    static final Architecture GEMMA2 = new Architecture("gemma2", "Gemma2", "model", "embed_tokens.weight", true,
            "(.*\\.)?rotary_emb\\.inv_freq",
            (architecture, config, files, _) -> new GemmaModel(architecture, GemmaConfig.second(config), files),
            Map.of("ForSequenceClassification", HeadKind.sequences(Pooling.LAST_TOKEN, "score"),
                    "ForTokenClassification", HeadKind.tokens("score"), "ForCausalLM",
                    HeadKind.causal(config -> GemmaConfig.cap(config, "final_logit_softcapping", 30))));

    /** The descriptor of Gemma 3. */
    static final Architecture GEMMA3 = new Architecture("gemma3_text", "Gemma3Text", "model", "embed_tokens.weight",
            true, "(.*\\.)?rotary_emb\\.inv_freq",
            (architecture, config, files, _) -> new GemmaModel(architecture, GemmaConfig.third(config), files),
            Map.of("ForSequenceClassification", HeadKind.sequences(Pooling.LAST_TOKEN, "score"), "ForCausalLM",
                    HeadKind.causal(config -> GemmaConfig.cap(config, "final_logit_softcapping", 0))
                            .named("Gemma3ForCausalLM")));

    private final float embeddingScale;

    GemmaModel(Architecture architecture, GemmaConfig config, TensorReader files) {
        RotaryTables rotary = config.rotary().tables(config.headSize());
        RotaryTables local = config.local().tables(config.headSize());
        super(architecture, config, LlamaModel.PATHS,
                files.embedding("embed_tokens", config.vocabularySize(), config.hiddenSize(), config.paddingIndex()),
                i -> new Layer(config, config.windows().get(i), config.windows().get(i) > 0 ? local : rotary,
                        files.under("layers." + i + ".")),
                files.rmsNorm("norm", config.hiddenSize(), config.rmsNormEps(), 1f));
        embeddingScale = (float) Math.sqrt(config.hiddenSize());
    }

    @Override
    protected Variable embed(Pass pass, Batch batch) {
        return ElementOps.scale(pass.tape(), super.embed(pass, batch), embeddingScale);
    }

    /** x + norm(attention(norm(x))), then x + norm(mlp(norm(x))). */
    private static final class Layer extends Decoder.Layer {
        private final SelfAttention attention;
        private final RmsNorm attentionNorm;
        private final Linear query;
        private final @Nullable RmsNorm queryNorm;
        private final Linear key;
        private final @Nullable RmsNorm keyNorm;
        private final Linear value;
        private final Linear attentionOutput;
        private final RmsNorm attendedNorm;
        private final RmsNorm mlpNorm;
        private final Linear gate;
        private final Linear up;
        private final Linear down;
        private final RmsNorm outputNorm;

        Layer(GemmaConfig config, int window, RotaryTables rotary, TensorReader files) {
            int hidden = config.hiddenSize();
            int queries = config.heads() * config.headSize();
            int keys = config.keyValueHeads() * config.headSize();
            int inner = config.intermediateSize();
            boolean bias = config.attentionBias();
            attentionNorm = norm(files, "input_layernorm", hidden, config);
            attention = child("self_attn", new SelfAttention(Attention.causal(config.heads(), config.keyValueHeads())
                    .withScale(config.scale()).withCap(config.cap()).withWindow(window), rotary));
            query = linear(files, "self_attn.q_proj", hidden, queries, bias);
            key = linear(files, "self_attn.k_proj", hidden, keys, bias);
            value = linear(files, "self_attn.v_proj", hidden, keys, bias);
            attentionOutput = linear(files, "self_attn.o_proj", queries, hidden, bias);
            queryNorm = config.headNorms() ? norm(files, "self_attn.q_norm", config.headSize(), config) : null;
            keyNorm = config.headNorms() ? norm(files, "self_attn.k_norm", config.headSize(), config) : null;
            attendedNorm = norm(files, "post_attention_layernorm", hidden, config);
            mlpNorm = norm(files, "pre_feedforward_layernorm", hidden, config);
            gate = linear(files, "mlp.gate_proj", hidden, inner, false, config.activation());
            up = linear(files, "mlp.up_proj", hidden, inner, false);
            down = linear(files, "mlp.down_proj", inner, hidden, false);
            outputNorm = norm(files, "post_feedforward_layernorm", hidden, config);
        }

        private RmsNorm norm(TensorReader files, String path, int size, GemmaConfig config) {
            return rmsNorm(files, path, size, config.rmsNormEps(), 1f);
        }

        @Override
        Variable forward(Pass pass, Variable x) {
            Tape tape = pass.tape();
            Variable normed = attentionNorm.forward(tape, x);
            Variable context = attention.forward(pass, eachHead(tape, queryNorm, query.forward(pass, normed)),
                    eachHead(tape, keyNorm, key.forward(pass, normed)), value.forward(pass, normed));
            Variable attended = ElementOps.add(tape, x,
                    attendedNorm.forward(tape, attentionOutput.forward(pass, context)));
            Variable mlpInput = mlpNorm.forward(tape, attended);
            Variable gated = ElementOps.multiply(tape, gate.forward(pass, mlpInput), up.forward(pass, mlpInput));
            return ElementOps.add(tape, attended, outputNorm.forward(tape, down.forward(pass, gated)));
        }
    }
}
