package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.SelfAttention;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Attention;
import dev.lorikeet.transformer.model.SequenceHead.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * GPT-2 (Radford et al. 2019): learned positions, causal attention, layer norm before each part and once more at the
 * end; queries, keys and values come from one projection, and weights are stored as (in, out).
 */
public final class Gpt2Model extends Backbone {
    /** The descriptor. */
    static final Architecture ARCHITECTURE = new Architecture("gpt2", "GPT2", "transformer", "wte.weight", true,
            "(.*\\.)?attn\\.(masked_)?bias",
            (config, files, _) -> new Gpt2Model(Gpt2Config.read(config), files),
            Map.of("ForSequenceClassification", HeadKind.sequences(Pooling.LAST_TOKEN, "score"),
                    "ForTokenClassification", HeadKind.tokens("classifier"), "LMHeadModel", HeadKind.causal()));

    private final Gpt2Config config;
    private final Embedding words;
    private final Embedding positions;
    private final List<Block> blocks = new ArrayList<>();
    private final LayerNorm norm;

    Gpt2Model(Gpt2Config config, TensorReader files) {
        this.config = config;
        int hidden = config.hiddenSize();
        words = child("wte",
                files.embedding("wte", config.vocabularySize(), hidden, SequenceOps.NO_PADDING));
        positions = child("wpe",
                files.embedding("wpe", config.maxPositions(), hidden, SequenceOps.NO_PADDING));
        for (int i = 0; i < config.layers(); i++) {
            blocks.add(child("h." + i, new Block(config, files.under("h." + i + "."))));
        }
        norm = child("ln_f", files.layerNorm("ln_f", hidden, config.layerNormEps()));
    }

    @Override
    public Architecture architecture() {
        return ARCHITECTURE;
    }

    @Override
    public Gpt2Config config() {
        return config;
    }

    @Override
    public Embedding words() {
        return words;
    }

    @Override
    protected Variable embed(Pass pass, Batch batch) {
        requireOneSegment(batch);
        return ElementOps.add(pass.tape(), words.forward(pass, batch.ids()),
                positions.forward(pass, pass.rows().positions()));
    }

    @Override
    protected Variable layer(int index, Pass pass, Variable x) {
        return blocks.get(index).forward(pass, x);
    }

    @Override
    protected Variable finish(Pass pass, Variable x) {
        return norm.forward(pass.tape(), x, null);
    }

    /** x + attention(norm(x)), then x + mlp(norm(x)). */
    private static final class Block extends Module {
        private final int hidden;
        private final SelfAttention attention;
        private final LayerNorm attentionNorm;
        private final Linear queryKeyValue;
        private final Linear attentionOutput;
        private final LayerNorm mlpNorm;
        private final Linear expansion;
        private final Linear output;

        Block(Gpt2Config config, TensorReader files) {
            hidden = config.hiddenSize();
            attentionNorm = child("ln_1", files.layerNorm("ln_1", hidden, config.layerNormEps()));
            attention = child("attn", new SelfAttention(Attention.causal(config.heads(), config.heads())));
            queryKeyValue = conv1d(files, "attn.c_attn", hidden, 3 * hidden, Activation.NONE);
            attentionOutput = conv1d(files, "attn.c_proj", hidden, hidden, Activation.NONE);
            mlpNorm = child("ln_2", files.layerNorm("ln_2", hidden, config.layerNormEps()));
            expansion = conv1d(files, "mlp.c_fc", hidden, config.innerSize(), config.activation());
            output = conv1d(files, "mlp.c_proj", config.innerSize(), hidden, Activation.NONE);
        }

        private Linear conv1d(TensorReader files, String path, int in, int out, Activation activation) {
            return child(path, files.conv1d(path, in, out, activation));
        }

        Variable forward(Pass pass, Variable x) {
            Tape tape = pass.tape();
            Variable qkv = queryKeyValue.forward(pass, attentionNorm.forward(tape, x, null));
            Variable context = attention.forward(pass, ShapeOps.columns(tape, qkv, 0, hidden),
                    ShapeOps.columns(tape, qkv, hidden, 2 * hidden),
                    ShapeOps.columns(tape, qkv, 2 * hidden, 3 * hidden));
            Variable attended = ElementOps.add(tape, x, attentionOutput.forward(pass, context));
            Variable expanded = expansion.forward(pass, mlpNorm.forward(tape, attended, null));
            return ElementOps.add(tape, attended, output.forward(pass, expanded));
        }
    }
}
