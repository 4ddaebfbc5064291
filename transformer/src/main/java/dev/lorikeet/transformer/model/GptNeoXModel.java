package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.RotaryTables;
import dev.lorikeet.autograd.nn.SelfAttention;
import dev.lorikeet.tensor.Attention;
import dev.lorikeet.transformer.model.SequenceHead.Pooling;
import java.util.Map;

/**
 * GPT-NeoX (Black et al. 2022), the Pythia models: attention and the feed-forward part side by side, each behind a
 * layer norm of its own; rotary positions in a part of each head; queries, keys and values from one projection, in
 * which those of a head lie together.
 */
public final class GptNeoXModel extends Decoder {
    /** The descriptor. */
    static final Architecture ARCHITECTURE = new Architecture("gpt_neox", "GPTNeoX", "gpt_neox", "embed_in.weight",
            false, "(.*\\.)?attention\\.(bias|masked_bias|rotary_emb\\.inv_freq)",
            (architecture, config, files, _) -> new GptNeoXModel(architecture, GptNeoXConfig.read(config), files),
            Map.of("ForSequenceClassification", HeadKind.sequences(Pooling.LAST_TOKEN, "score"),
                    "ForTokenClassification", HeadKind.tokens("classifier"), "ForQuestionAnswering",
                    HeadKind.spans(), "ForCausalLM",
                    HeadKind.causal("embed_out", false)));

    private static final Paths PATHS = new Paths("embed_in", "layers.", "final_layer_norm");

    GptNeoXModel(Architecture architecture, GptNeoXConfig config, TensorReader files) {
        int hidden = config.hiddenSize();
        RotaryTables rotary = config.rotary().tables(hidden / config.heads());
        super(architecture, config, PATHS,
                files.embedding("embed_in", config.vocabularySize(), hidden, SequenceOps.NO_PADDING),
                i -> new Layer(config, rotary, files.under("layers." + i + ".")),
                files.layerNorm("final_layer_norm", hidden, config.layerNormEps()));
    }

    /** x + attention(norm(x)) + mlp(norm(x)), or one after the other. */
    private static final class Layer extends Decoder.Layer {
        private final int heads;
        private final int size;
        private final boolean parallel;
        private final SelfAttention attention;
        private final LayerNorm attentionNorm;
        private final Linear queryKeyValue;
        private final Linear attentionOutput;
        private final LayerNorm mlpNorm;
        private final Linear expansion;
        private final Linear output;

        Layer(GptNeoXConfig config, RotaryTables rotary, TensorReader files) {
            int hidden = config.hiddenSize();
            int inner = config.intermediateSize();
            heads = config.heads();
            size = hidden / heads;
            parallel = config.parallelResidual();
            attentionNorm = layerNorm(files, "input_layernorm", hidden, config.layerNormEps());
            attention = child("attention", new SelfAttention(Attention.causal(heads, heads), rotary));
            queryKeyValue = linear(files, "attention.query_key_value", hidden, 3 * hidden, config.attentionBias());
            attentionOutput = linear(files, "attention.dense", hidden, hidden, config.attentionBias());
            mlpNorm = layerNorm(files, "post_attention_layernorm", hidden, config.layerNormEps());
            expansion = linear(files, "mlp.dense_h_to_4h", hidden, inner, true, config.activation());
            output = linear(files, "mlp.dense_4h_to_h", inner, hidden, true);
        }

        @Override
        Variable forward(Pass pass, Variable x) {
            Tape tape = pass.tape();
            int rows = x.shape().dim(0);
            Variable qkv = ShapeOps.reshape(tape, queryKeyValue.forward(pass, attentionNorm.forward(tape, x)),
                    rows * heads, 3 * size);
            Variable context = attention.forward(pass, part(tape, qkv, 0, rows), part(tape, qkv, 1, rows),
                    part(tape, qkv, 2, rows));
            Variable attended = ElementOps.add(tape, x, attentionOutput.forward(pass, context));
            Variable expanded = expansion.forward(pass, mlpNorm.forward(tape, parallel ? x : attended));
            return ElementOps.add(tape, attended, output.forward(pass, expanded));
        }

        /** (rows·heads, 3·size) to (rows, heads·size): the queries, the keys or the values. */
        private Variable part(Tape tape, Variable qkv, int number, int rows) {
            return ShapeOps.reshape(tape, ShapeOps.columns(tape, qkv, number * size, (number + 1) * size), rows,
                    heads * size);
        }
    }
}
