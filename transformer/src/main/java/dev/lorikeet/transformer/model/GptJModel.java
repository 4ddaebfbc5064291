package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.RotaryTables;
import dev.lorikeet.autograd.nn.SelfAttention;
import dev.lorikeet.tensor.Attention;
import dev.lorikeet.tensor.Rotary;
import dev.lorikeet.transformer.model.SequenceHead.Pooling;
import java.util.Map;

/**
 * GPT-J (Wang and Komatsuzaki 2021): attention and the feed-forward part side by side behind one layer norm; rotary
 * positions in the first elements of each head, neighbours being pairs; a language model's head has a bias.
 */
public final class GptJModel extends Decoder {
    /** The descriptor. */
    static final Architecture ARCHITECTURE = new Architecture("gptj", "GPTJ", "transformer", "wte.weight", false,
            "(.*\\.)?attn\\.(bias|masked_bias|embed_positions)",
            (architecture, config, files, _) -> new GptJModel(architecture, GptJConfig.read(config), files),
            Map.of("ForSequenceClassification", HeadKind.sequences(Pooling.LAST_TOKEN, "score"),
                    "ForQuestionAnswering", HeadKind.spans(), "ForCausalLM", HeadKind.causal("lm_head", true)));

    private static final Paths PATHS = new Paths("wte", "h.", "ln_f");

    GptJModel(Architecture architecture, GptJConfig config, TensorReader files) {
        int hidden = config.hiddenSize();
        RotaryTables rotary = new RotaryTables(Rotary.frequencies(config.turned(), 10_000), Rotary.Order.INTERLEAVED);
        super(architecture, config, PATHS,
                files.embedding("wte", config.vocabularySize(), hidden, SequenceOps.NO_PADDING),
                i -> new Layer(config, rotary, files.under("h." + i + ".")),
                files.layerNorm("ln_f", hidden, config.layerNormEps()));
    }

    /** x + attention(norm(x)) + mlp(norm(x)). */
    private static final class Layer extends Decoder.Layer {
        private final SelfAttention attention;
        private final LayerNorm norm;
        private final Linear query;
        private final Linear key;
        private final Linear value;
        private final Linear attentionOutput;
        private final Linear expansion;
        private final Linear output;

        Layer(GptJConfig config, RotaryTables rotary, TensorReader files) {
            int hidden = config.hiddenSize();
            int inner = config.innerSize();
            norm = layerNorm(files, "ln_1", hidden, config.layerNormEps());
            attention = child("attn", new SelfAttention(Attention.causal(config.heads(), config.heads()), rotary));
            query = linear(files, "attn.q_proj", hidden, hidden, false);
            key = linear(files, "attn.k_proj", hidden, hidden, false);
            value = linear(files, "attn.v_proj", hidden, hidden, false);
            attentionOutput = linear(files, "attn.out_proj", hidden, hidden, false);
            expansion = linear(files, "mlp.fc_in", hidden, inner, true, config.activation());
            output = linear(files, "mlp.fc_out", inner, hidden, true);
        }

        @Override
        Variable forward(Pass pass, Variable x) {
            Tape tape = pass.tape();
            Variable normed = norm.forward(tape, x);
            Variable context = attention.forward(pass, query.forward(pass, normed), key.forward(pass, normed),
                    value.forward(pass, normed));
            Variable attended = ElementOps.add(tape, x, attentionOutput.forward(pass, context));
            return ElementOps.add(tape, attended, output.forward(pass, expansion.forward(pass, normed)));
        }
    }
}
