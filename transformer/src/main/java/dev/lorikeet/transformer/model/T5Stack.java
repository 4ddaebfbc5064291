package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.RelativeTerms;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.RmsNorm;
import dev.lorikeet.autograd.nn.SelfAttention;
import dev.lorikeet.tensor.Attention;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** T5's encoder, or its decoder, whose layers have a part more. */
final class T5Stack extends Block implements Backbone.Stack {
    private static final String TABLE = "block.0.layer.0.SelfAttention.relative_attention_bias";

    private final int heads;
    private final int[] buckets;
    private final Embedding words;
    private final Embedding table;
    private final List<Layer> layers = new ArrayList<>();
    private final RmsNorm norm;

    T5Stack(T5Config config, boolean decoder, Embedding words, TensorReader files) {
        heads = config.heads();
        buckets = config.buckets(!decoder);
        this.words = words;
        int count = decoder ? config.decoderLayers() : config.layers();
        for (int i = 0; i < count; i++) {
            layers.add(child("block." + i, new Layer(config, decoder, files.under("block." + i + "."))));
        }
        table = child(TABLE, files.embedding(TABLE, config.buckets(), heads, SequenceOps.NO_PADDING));
        norm = rmsNorm(files, "final_layer_norm", config.hiddenSize(), config.layerNormEps());
    }

    @Override
    public int count() {
        return layers.size();
    }

    @Override
    public Variable embed(Pass pass, Batch batch) {
        return words.forward(pass, batch.ids());
    }

    @Override
    public Variable layer(int index, Pass pass, Variable x) {
        return layers.get(index).forward(pass, x, bias(pass));
    }

    @Override
    public Variable finish(Pass pass, Variable x) {
        return norm.forward(pass.tape(), x);
    }

    /** The table (buckets, heads), turned to a row for each query, all the same. */
    private RelativeTerms bias(Pass pass) {
        Tape tape = pass.tape();
        int count = table.entries();
        Variable entries = ShapeOps.reshape(tape, table.base(tape, IntStream.range(0, count).toArray()), count * heads,
                1);
        int[] turned = IntStream.range(0, count * heads).map(i -> i % count * heads + i / count).toArray();
        Variable row = ShapeOps.reshape(tape, ShapeOps.gather(tape, entries, turned), 1, count * heads);
        return new RelativeTerms(ShapeOps.gather(tape, row, new int[pass.rows().count()]), null, buckets);
    }

    /** x + attention(norm(x)), in the decoder x + cross-attention(norm(x)), then x + mlp(norm(x)). */
    private static final class Layer extends Block {
        private final T5Attention self;
        private final @Nullable T5Attention cross;
        private final RmsNorm mlpNorm;
        private final Linear gate;
        private final @Nullable Linear up;
        private final Linear down;

        Layer(T5Config config, boolean decoder, TensorReader files) {
            int hidden = config.hiddenSize();
            int inner = config.intermediateSize();
            self = child("layer.0", new T5Attention(config, "SelfAttention", decoder, files.under("layer.0.")));
            cross = decoder ? child("layer.1", new T5Attention(config, "EncDecAttention", false,
                    files.under("layer.1."))) : null;
            String mlp = decoder ? "layer.2." : "layer.1.";
            gate = linear(files, mlp + "DenseReluDense." + (config.gated() ? "wi_0" : "wi"), hidden, inner, false,
                    config.activation());
            up = config.gated() ? linear(files, mlp + "DenseReluDense.wi_1", hidden, inner, false) : null;
            down = linear(files, mlp + "DenseReluDense.wo", inner, hidden, false);
            mlpNorm = rmsNorm(files, mlp + "layer_norm", hidden, config.layerNormEps());
        }

        Variable forward(Pass pass, Variable x, RelativeTerms bias) {
            Tape tape = pass.tape();
            Variable attended = self.forward(pass, x, bias);
            Variable informed = cross == null ? attended : cross.across(pass, attended);
            Variable normed = mlpNorm.forward(tape, informed);
            Variable gated = gate.forward(pass, normed);
            Variable inner = up == null ? gated : ElementOps.multiply(tape, gated, up.forward(pass, normed));
            return ElementOps.add(tape, informed, down.forward(pass, inner));
        }
    }

    /** x + attention(norm(x)). */
    private static final class T5Attention extends Block {
        private final SelfAttention attention;
        private final RmsNorm norm;
        private final Linear query;
        private final Linear key;
        private final Linear value;
        private final Linear output;

        T5Attention(T5Config config, String path, boolean causal, TensorReader files) {
            int hidden = config.hiddenSize();
            int inner = config.heads() * config.headSize();
            attention = child(path,
                    new SelfAttention(new Attention(config.heads(), config.heads(), causal, 1f)));
            query = linear(files, path + ".q", hidden, inner, false);
            key = linear(files, path + ".k", hidden, inner, false);
            value = linear(files, path + ".v", hidden, inner, false);
            output = linear(files, path + ".o", inner, hidden, false);
            norm = rmsNorm(files, "layer_norm", hidden, config.layerNormEps());
        }

        Variable forward(Pass pass, Variable x, RelativeTerms bias) {
            Variable normed = norm.forward(pass.tape(), x);
            Variable context = attention.forward(pass, query.forward(pass, normed), key.forward(pass, normed),
                    value.forward(pass, normed), bias);
            return ElementOps.add(pass.tape(), x, output.forward(pass, context));
        }

        Variable across(Pass pass, Variable x) {
            Variable context = attention.cross(pass, query.forward(pass, norm.forward(pass.tape(), x)),
                    () -> EncoderDecoder.memory(pass, key, value));
            return ElementOps.add(pass.tape(), x, output.forward(pass, context));
        }
    }
}
