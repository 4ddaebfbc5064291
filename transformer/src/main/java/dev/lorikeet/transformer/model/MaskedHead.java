package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.TiedHead;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The token behind each mask: {@code …ForMaskedLM}. A linear layer with an activation, to the size of the word
 * embeddings, layer norm, and the table of these with a bias of its own.
 */
public final class MaskedHead extends Head {
    /** Behind the path of a head that is more than the table. */
    private static final String DECODER = "decoder.";

    /**
     * Where Hugging Face's files have the parts.
     *
     * @param dense the linear layer
     * @param norm the layer norm
     * @param head what has the bias as {@code bias}
     * @param table of the embeddings, behind {@code head}
     * @param eps of the norm, where {@code config.json} has no {@code layer_norm_eps}
     */
    public record Paths(String dense, String norm, String head, String table, double eps) {
        private static final double EPS = 1e-12;

        /** As BERT has them. */
        Paths(String dense, String norm, String head) {
            this(dense, norm, head, DECODER + "weight", EPS);
        }

        /** The same where the head is a linear layer of its own. */
        static Paths ofLayer(String dense, String norm, String head) {
            return new Paths(dense, norm, head, "weight", EPS);
        }

        /** The same with another {@code eps}. */
        Paths eps(double usual) {
            return new Paths(dense, norm, head, table, usual);
        }
    }

    private final Linear dense;
    private final LayerNorm norm;
    private final TiedHead head;
    private final String biasPath;

    /** A head from its parts in Hugging Face's files; a new one has new parts, and the table. */
    MaskedHead(Source source, Paths paths, Activation activation) {
        super(source);
        JsonObject config = source.config();
        ConfigFields.require(config, "tie_word_embeddings", true, "the head is tied to the word embeddings");
        Backbone backbone = source.backbone();
        int size = backbone.words().weight().in();
        dense = child(paths.dense, source.linear(paths.dense, source.hiddenSize(), size, true, activation));
        norm = child(paths.norm, source.layerNorm(paths.norm, size,
                ConfigFields.eps(config, "layer_norm_eps", paths.eps)));
        TensorReader files = source.files();
        int entries = backbone.config().vocabularySize();
        biasPath = paths.head + ".bias";
        Tensor bias = files == null ? Tensor.zeros(entries) : files.read(biasPath, entries);
        head = child(paths.head, new TiedHead(backbone.words(), bias, paths.table));
        if (files != null) {
            requireTied(files, paths.head + "." + paths.table, () -> backbone.words().weight().value());
            requireTied(files, paths.head + "." + DECODER + "bias", () -> bias);
        }
    }

    /** Files of before transformers 5 may repeat what is tied under its other name. */
    private static void requireTied(TensorReader files, String name, Supplier<Tensor> tensor) {
        if (files.differs(name, tensor)) {
            throw files.error(name, "differs from the tensor that it is tied to");
        }
    }

    @Override
    public Map<String, Object> changes() {
        if (!head.isTied()) {
            throw new IllegalStateException("save: the head has a table of its own, and " + className()
                    + " is read only where it is that of the word embeddings");
        }
        return Map.of();
    }

    /** Without the bias, which begins at zero wherever a head is new. */
    @Override
    public List<String> drawn() {
        return super.drawn().stream().filter(path -> !path.equals(biasPath)).toList();
    }

    /** What the table is multiplied with. */
    @Override
    public Variable features(Pass pass, Variable hidden, Batch batch) {
        return norm.forward(pass.tape(), dense.forward(pass, hidden), null);
    }

    @Override
    public Variable scores(Pass pass, Variable features) {
        return head.forward(pass.tape(), features);
    }
}
