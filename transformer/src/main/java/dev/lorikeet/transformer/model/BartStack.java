package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.SelfAttention;
import dev.lorikeet.tensor.Attention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** BART's encoder, or its decoder, whose layers have a part more. */
final class BartStack extends Block implements Backbone.Stack {
    /** The row of the position embeddings of the first token. */
    private static final int FIRST = 2;
    private static final float EPS = 1e-5f;

    private final float scale;
    private final Embedding words;
    private final Embedding positions;
    private final LayerNorm norm;
    private final List<Layer> layers = new ArrayList<>();

    BartStack(BartConfig config, BartConfig.Sizes sizes, boolean decoder, Embedding words, TensorReader files) {
        scale = config.scaled() ? (float) Math.sqrt(config.hiddenSize()) : 1f;
        this.words = words;
        positions = child("embed_positions", files.embedding("embed_positions", config.maxPositions() + FIRST,
                config.hiddenSize(), SequenceOps.NO_PADDING));
        norm = layerNorm(files, "layernorm_embedding", config.hiddenSize(), EPS);
        for (int i = 0; i < sizes.layers(); i++) {
            layers.add(child("layers." + i, new Layer(config, sizes, decoder, files.under("layers." + i + "."))));
        }
    }

    @Override
    public int count() {
        return layers.size();
    }

    @Override
    public Variable embed(Pass pass, Batch batch) {
        Variable tokens = words.forward(pass, batch.ids());
        int[] rows = Arrays.stream(pass.rows().positions()).map(position -> position + FIRST).toArray();
        return norm.forward(pass.tape(), scale == 1 ? tokens : ElementOps.scale(pass.tape(), tokens, scale),
                positions.forward(pass, rows));
    }

    @Override
    public Variable layer(int index, Pass pass, Variable x) {
        return layers.get(index).forward(pass, x);
    }

    @Override
    public Variable finish(Pass pass, Variable x) {
        return x;
    }

    /** norm(x + attention(x)), in the decoder norm(x + cross-attention(x)), then norm(x + mlp(x)). */
    private static final class Layer extends Block {
        private final BartAttention self;
        private final LayerNorm selfNorm;
        private final @Nullable BartAttention cross;
        private final @Nullable LayerNorm crossNorm;
        private final Linear expansion;
        private final Linear output;
        private final LayerNorm outputNorm;

        Layer(BartConfig config, BartConfig.Sizes sizes, boolean decoder, TensorReader files) {
            int hidden = config.hiddenSize();
            self = new BartAttention(hidden, new Attention(sizes.heads(), sizes.heads(), decoder, 0f), files,
                    "self_attn");
            children(self);
            selfNorm = layerNorm(files, "self_attn_layer_norm", hidden, EPS);
            cross = decoder ? new BartAttention(hidden, Attention.bidirectional(sizes.heads()), files, "encoder_attn")
                    : null;
            if (cross != null) {
                children(cross);
            }
            crossNorm = decoder ? layerNorm(files, "encoder_attn_layer_norm", hidden, EPS) : null;
            expansion = linear(files, "fc1", hidden, sizes.intermediateSize(), true, config.activation());
            output = linear(files, "fc2", sizes.intermediateSize(), hidden, true);
            outputNorm = layerNorm(files, "final_layer_norm", hidden, EPS);
        }

        Variable forward(Pass pass, Variable x) {
            Variable attended = selfNorm.forward(pass.tape(), self.forward(pass, x), x);
            Variable informed = cross == null || crossNorm == null ? attended
                    : crossNorm.forward(pass.tape(), cross.across(pass, attended), attended);
            return outputNorm.forward(pass.tape(), output.forward(pass, expansion.forward(pass, informed)), informed);
        }
    }

    private static final class BartAttention extends Block {
        private final SelfAttention attention;
        private final Linear query;
        private final Linear key;
        private final Linear value;
        private final Linear output;

        BartAttention(int hidden, Attention form, TensorReader files, String path) {
            attention = child(path, new SelfAttention(form));
            query = linear(files, path + ".q_proj", hidden, hidden, true);
            key = linear(files, path + ".k_proj", hidden, hidden, true);
            value = linear(files, path + ".v_proj", hidden, hidden, true);
            output = linear(files, path + ".out_proj", hidden, hidden, true);
        }

        Variable forward(Pass pass, Variable x) {
            return output.forward(pass, attention.forward(pass, query.forward(pass, x), key.forward(pass, x),
                    value.forward(pass, x)));
        }

        Variable across(Pass pass, Variable x) {
            return output.forward(pass, attention.cross(pass, query.forward(pass, x),
                    () -> EncoderDecoder.memory(pass, key, value)));
        }
    }
}
