package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.SelfAttention;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Attention;
import dev.lorikeet.transformer.model.SequenceHead.Pooling;
import java.util.Map;

/**
 * GPT-2 (Radford et al. 2019): learned positions, causal attention, layer norm before each part and once more at the
 * end; queries, keys and values come from one projection, and weights are stored as (in, out).
 */
public final class Gpt2Model extends Decoder {
    /** The descriptor. */
    static final Architecture ARCHITECTURE = new Architecture("gpt2", "GPT2", "transformer", "wte.weight", true,
            "(.*\\.)?attn\\.(masked_)?bias",
            (architecture, config, files, _) -> new Gpt2Model(architecture, Gpt2Config.read(config), files),
            Map.of("ForSequenceClassification", HeadKind.sequences(Pooling.LAST_TOKEN, "score"),
                    "ForTokenClassification", HeadKind.tokens("classifier"), "ForQuestionAnswering",
                    HeadKind.spans(), "LMHeadModel", HeadKind.causal()));

    private static final Paths PATHS = new Paths("wte", "h.", "ln_f");

    Gpt2Model(Architecture architecture, Gpt2Config config, TensorReader files) {
        int hidden = config.hiddenSize();
        super(architecture, config, PATHS,
                files.embedding("wte", config.vocabularySize(), hidden, SequenceOps.NO_PADDING),
                new Positions("wpe",
                        files.embedding("wpe", config.maxPositions(), hidden, SequenceOps.NO_PADDING)),
                i -> new Layer(config, files.under("h." + i + ".")),
                files.layerNorm("ln_f", hidden, config.layerNormEps()));
    }

    /** x + attention(norm(x)), then x + mlp(norm(x)). */
    private static final class Layer extends Decoder.Layer {
        private final int hidden;
        private final SelfAttention attention;
        private final LayerNorm attentionNorm;
        private final Linear queryKeyValue;
        private final Linear attentionOutput;
        private final LayerNorm mlpNorm;
        private final Linear expansion;
        private final Linear output;

        Layer(Gpt2Config config, TensorReader files) {
            hidden = config.hiddenSize();
            attentionNorm = layerNorm(files, "ln_1", hidden, config.layerNormEps());
            attention = child("attn", new SelfAttention(Attention.causal(config.heads(), config.heads())));
            queryKeyValue = conv1d(files, "attn.c_attn", hidden, 3 * hidden, Activation.NONE);
            attentionOutput = conv1d(files, "attn.c_proj", hidden, hidden, Activation.NONE);
            mlpNorm = layerNorm(files, "ln_2", hidden, config.layerNormEps());
            expansion = conv1d(files, "mlp.c_fc", hidden, config.innerSize(), config.activation());
            output = conv1d(files, "mlp.c_proj", config.innerSize(), hidden, Activation.NONE);
        }

        private Linear conv1d(TensorReader files, String path, int in, int out, Activation activation) {
            return child(path, files.conv1d(path, in, out, activation));
        }

        @Override
        Variable forward(Pass pass, Variable x) {
            Tape tape = pass.tape();
            Variable qkv = queryKeyValue.forward(pass, attentionNorm.forward(tape, x));
            Variable context = attention.forward(pass, ShapeOps.columns(tape, qkv, 0, hidden),
                    ShapeOps.columns(tape, qkv, hidden, 2 * hidden),
                    ShapeOps.columns(tape, qkv, 2 * hidden, 3 * hidden));
            Variable attended = ElementOps.add(tape, x, attentionOutput.forward(pass, context));
            Variable expanded = expansion.forward(pass, mlpNorm.forward(tape, attended));
            return ElementOps.add(tape, attended, output.forward(pass, expanded));
        }
    }
}
