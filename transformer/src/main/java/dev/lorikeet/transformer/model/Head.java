package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Random;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What makes logits of a backbone's last hidden state. Its layers have the paths that Hugging Face's class gives them,
 * where it has one.
 */
public abstract class Head extends Module {
    /** The deviation of new weights where {@code config.json} has no {@code initializer_range}. */
    private static final double INITIALIZER_RANGE = 0.02;

    /**
     * What a head is made from.
     *
     * @param className of Hugging Face's class
     * @param given what the outputs of a new classifier or regression mean; null for what the config says
     * @param files the checkpoint that has the head's tensors; null for a new head, drawn from {@code seed}
     */
    public record Source(Architecture architecture, String className, JsonObject config, Backbone backbone,
            @Nullable Outputs given, @Nullable TensorReader files, long seed) {

        /** What the outputs of a classifier or a regression mean. */
        Outputs outputs() {
            return given == null ? Outputs.read(config) : given;
        }

        /** The fields of {@code config.json} that a head with these outputs changes. */
        Map<String, Object> changes() {
            return given == null ? Map.of() : given.fields();
        }

        /** A layer from the files, or a new one: normal weights and zeros, as Hugging Face initialises heads. */
        public Linear linear(String path, int in, int out, boolean bias, Activation activation) {
            if (files != null) {
                return files.linear(path, in, out, bias, activation);
            }
            Tensor weight = Tensor.zeros(out, in);
            Random.fillNormal(weight, (float) config.number("initializer_range", INITIALIZER_RANGE),
                    Random.key(seed, path + ".weight"));
            return new Linear(weight, bias ? Tensor.zeros(out) : null, activation);
        }

        /** A norm of rows of {@code size} numbers from the files, or a new one. */
        public LayerNorm layerNorm(String path, int size, float eps) {
            if (files != null) {
                return files.layerNorm(path, size, eps);
            }
            Tensor ones = Tensor.zeros(size);
            ones.fill(1f);
            return new LayerNorm(ones, Tensor.zeros(size), eps);
        }

        /** The files, for a head that is made from nothing else. */
        public TensorReader required() {
            if (files == null) {
                throw config.error("architectures",
                        "the files have no " + className + ", and its head is not made new");
            }
            return files;
        }

        public int hiddenSize() {
            return backbone.config().hiddenSize();
        }
    }

    private final @Nullable String className;
    private final boolean made;

    /** A head that no class of Hugging Face has; {@code made} where its weights were drawn. */
    protected Head(boolean made) {
        this.className = null;
        this.made = made;
    }

    protected Head(Source source) {
        this.className = source.className();
        this.made = source.files() == null;
    }

    /** Whether its weights were drawn, so that they are in no file of the model. */
    public final boolean isNew() {
        return made;
    }

    /** The paths of its parameters whose values were drawn, and are nowhere else. */
    public List<String> drawn() {
        return made ? List.copyOf(namedParameters().keySet()) : List.of();
    }

    /** The layer with the scores of all tokens, where that is not the table of the word embeddings; else null. */
    public @Nullable Linear untiedHead() {
        return null;
    }

    /** Parameters that files have under a second name too, by that. */
    Map<String, Parameter> repeated() {
        return Map.of();
    }

    /** The name of Hugging Face's class, for example {@code BertForSequenceClassification}; null where it has none. */
    public final @Nullable String className() {
        return className;
    }

    /**
     * What the last layer reads: rows of the hidden state, or one of each sequence.
     *
     * @param hidden (rows, hidden)
     */
    public abstract Variable features(Pass pass, Variable hidden, Batch batch);

    /** The logits of {@link #features}, for the pass that those were made in. */
    public abstract Variable scores(Pass pass, Variable features);

    /**
     * The logits.
     *
     * @param hidden (rows, hidden)
     * @return (sequences, labels) of a head for sequences, (rows, labels) or (rows, vocabulary) of one for tokens
     */
    public final Variable logits(Pass pass, Variable hidden, Batch batch) {
        return scores(pass, features(pass, hidden, batch));
    }

    /** Whether {@link #features} reads the backbone's pooler. */
    public boolean readsPooler() {
        return false;
    }

    /** The fields of {@code config.json} that differ from the source's, where the model is written with this head. */
    public Map<String, Object> changes() {
        return Map.of();
    }
}
