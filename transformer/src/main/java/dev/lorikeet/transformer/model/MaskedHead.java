package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.TiedHead;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The token behind each mask: {@code …ForMaskedLM}. A linear layer with an activation, to the size of the word
 * embeddings, layer norm, and the table of these with a bias of its own; a table of its own where
 * {@code tie_word_embeddings} or the file says so.
 */
public final class MaskedHead extends Head {
    /** Behind the path of a head that is more than the table. */
    private static final String DECODER = "decoder";

    /**
     * Where Hugging Face's files have the parts.
     *
     * @param dense the linear layer
     * @param norm the layer norm
     * @param head what has the bias as {@code bias}
     * @param layer of the table of the embeddings and the bias: {@code head} itself, or below it
     * @param always whether the class has no other table than the embeddings', whatever {@code config.json} says
     * @param eps of the norm, where {@code config.json} has no {@code layer_norm_eps}
     */
    record Paths(String dense, String norm, String head, String layer, boolean always, double eps) {
        private static final double EPS = 1e-12;

        /** As BERT has them. */
        Paths(String dense, String norm, String head) {
            this(dense, norm, head, head + "." + DECODER, false, EPS);
        }

        /** The same where the head is a linear layer of its own. */
        static Paths ofLayer(String dense, String norm, String head) {
            return new Paths(dense, norm, head, head, false, EPS);
        }

        /** The same with another {@code eps}. */
        Paths eps(double usual) {
            return new Paths(dense, norm, head, layer, always, usual);
        }

        /** The same of a class that has no other table than that of the embeddings. */
        Paths alwaysTied() {
            return new Paths(dense, norm, head, layer, true, eps);
        }

        /** The name of the table below {@link #head}. */
        private String table() {
            return layer.equals(head) ? "weight" : DECODER + ".weight";
        }

        private String bias() {
            return head + ".bias";
        }
    }

    private final Paths paths;
    private final LayerNorm norm;
    private final Linear dense;
    /** One of the two. */
    private final @Nullable TiedHead tied;
    private final @Nullable Linear untied;

    /** A head from its parts in Hugging Face's files; a new one has new parts, and the table if it is tied. */
    MaskedHead(Source source, Paths paths, Activation activation) {
        super(source);
        this.paths = paths;
        JsonObject config = source.config();
        Backbone backbone = source.backbone();
        int size = backbone.words().weight().in();
        dense = child(paths.dense, source.linear(paths.dense, source.hiddenSize(), size, true, activation));
        norm = child(paths.norm, source.layerNorm(paths.norm, size,
                ConfigFields.eps(config, "layer_norm_eps", paths.eps)));
        TensorReader files = source.files();
        if (isTied(source)) {
            Tensor bias = files == null ? Tensor.zeros(backbone.config().vocabularySize())
                    : files.read(paths.bias(), backbone.config().vocabularySize());
            tied = child(paths.head, new TiedHead(backbone.words(), bias, paths.table()));
            untied = null;
            // files of before transformers 5 may repeat what is tied under its other name
            if (files != null && files.differs(paths.layer + ".bias", () -> bias)) {
                throw files.error(paths.layer + ".bias", "differs from the tensor that it is tied to");
            }
        } else {
            tied = null;
            untied = child(paths.layer, own(source, size));
        }
    }

    private boolean isTied(Source source) {
        TensorReader files = source.files();
        return paths.always || source.architecture().tiesHead(source.config()) && (files == null
                || !files.differs(paths.layer + ".weight", () -> source.backbone().words().weight().value()));
    }

    /**
     * The layer with the table of its own. Beside it Hugging Face's classes have a bias that nothing reads, which goes
     * with them from file to file; before transformers 5 it was the layer's, and stood in files alone.
     */
    private Linear own(Source source, int size) {
        TensorReader files = source.files();
        int entries = source.backbone().config().vocabularySize();
        if (!paths.layer.equals(paths.head)) {
            parameter(paths.bias(), new Parameter(files != null && files.contains(paths.bias())
                    ? files.read(paths.bias(), entries)
                    : Tensor.zeros(entries)));
        }
        return files == null ? source.linear(paths.layer, size, entries, true, Activation.NONE)
                : files.orElse(paths.layer + ".bias", paths.bias()).linear(paths.layer, size, entries);
    }

    @Override
    public @Nullable Linear untiedHead() {
        return untied;
    }

    /** A file may hold a table of its own although its config ties it, and an adapter may have trained one. */
    @Override
    public Map<String, Object> changes() {
        if (tied != null && tied.isTied()) {
            return Map.of();
        }
        if (paths.always) {
            throw new IllegalStateException("save: the head has a table of its own, and " + className()
                    + " reads that of the word embeddings");
        }
        return Map.of("tie_word_embeddings", false);
    }

    /** The bias of a layer that is no longer tied, which reads its own. */
    @Override
    Map<String, Parameter> repeated() {
        return tied == null || tied.isTied() || paths.layer.equals(paths.head) ? Map.of()
                : Map.of(paths.layer + ".bias", Objects.requireNonNull(namedParameters().get(paths.bias())));
    }

    /** Without the bias, which begins at zero wherever a head is new. */
    @Override
    public List<String> drawn() {
        return super.drawn().stream().filter(path -> !path.equals(paths.bias())).toList();
    }

    /** What the table is multiplied with. */
    @Override
    public Variable features(Pass pass, Variable hidden, Batch batch) {
        return norm.forward(pass.tape(), dense.forward(pass, hidden), null);
    }

    @Override
    public Variable scores(Pass pass, Variable features) {
        return tied != null ? tied.forward(pass.tape(), features)
                : Objects.requireNonNull(untied).forward(pass, features);
    }
}
