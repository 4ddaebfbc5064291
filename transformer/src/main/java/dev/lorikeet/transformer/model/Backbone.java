package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A model without its head, Hugging Face's {@code base_model}: embeddings and layers, from token ids to hidden states.
 * The models' own dropout is not applied: adapters bring theirs.
 */
public abstract class Backbone extends Module {
    private boolean gradientCheckpointing;
    /** The {@code config.json} that it was loaded with; null where it came from no file. */
    private @Nullable JsonObject source;

    /** As {@link #load(Path, LoadOptions)}, in float32. */
    public static Backbone load(Path directory) {
        return load(directory, LoadOptions.STANDARD);
    }

    /**
     * Loads the base model of a Hugging Face directory, whatever head its files have.
     *
     * @throws InputException if the files do not make one
     */
    public static Backbone load(Path directory, LoadOptions options) {
        JsonObject config = JsonObject.read(directory.resolve("config.json"));
        try (TensorFile weights = Safetensors.openDirectory(directory)) {
            return load(config, weights, options);
        }
    }

    /** As {@link #load(Path)}, with other architectures than the standard ones. */
    public static Backbone load(Path directory, Architectures architectures) {
        return load(directory, LoadOptions.STANDARD.with(architectures));
    }

    static Backbone load(JsonObject config, TensorFile weights, LoadOptions options) {
        Architecture architecture = options.architectures().of(config);
        TensorReader files = new TensorReader(weights);
        Backbone model = architecture.load(config, files, Pooler.WHERE_PRESENT);
        files.requireAllTaken(architecture.besideTheBase());
        options.apply(model);
        return model;
    }

    /** Remembers where the model comes from, for {@link #save}. */
    final void madeFrom(JsonObject config) {
        source = config;
    }

    /**
     * Writes a Hugging Face directory that {@link #load(Path)} reads back with the same bits: the weights in one file
     * and in float32, the fields of the source's {@code config.json}, and the source's tokenizer files. Absolute paths
     * are left out.
     *
     * @throws InputException if a weight is not finite, or a file cannot be read or written
     * @throws IllegalStateException if a layer has an adapter that is not merged, or the model was not loaded from a
     *     directory
     */
    public final void save(Path directory) {
        if (source == null) {
            throw new IllegalStateException("save: the model was not loaded from a directory");
        }
        ModelDirectory.write(this, source, Map.of("architectures", List.of(architecture().className("Model"))),
                directory);
    }

    /**
     * {@code sha256:…} of the weights as they are now, without a pooler's: by this an adapter knows its base again.
     * Adapters count as weights, so ask before they are attached.
     */
    public final String weightsHash() {
        return WeightsHash.of(this);
    }

    public abstract Architecture architecture();

    public abstract PretrainedConfig config();

    /** The length of the longest sequence. */
    public int maxTokens() {
        return config().maxPositions();
    }

    /** The embeddings of tokens, which the head of a language model may share. */
    public abstract Embedding words();

    /**
     * The hidden states: the first is the embeddings, number k what layer k gives, counted from 1; a final norm is part
     * of the last. As Hugging Face's {@code hidden_states}.
     *
     * @return (rows, hidden) each
     * @throws IllegalArgumentException if a sequence is longer than {@link #maxTokens}, or an id is not in its table
     */
    public abstract List<Variable> hiddenStates(Tape tape, Batch batch);

    /** The paths of layers that {@link #hiddenStates} does without, so that no gradient of those reaches them. */
    public List<String> besideHiddenStates() {
        return List.of();
    }

    /**
     * The last of {@link #hiddenStates}.
     *
     * @return (rows, hidden)
     * @throws IllegalArgumentException as {@link #hiddenStates}
     */
    public Variable forward(Tape tape, Batch batch) {
        return hiddenStates(tape, batch).getLast();
    }

    /**
     * One row of each sequence, made by a layer that some architectures have for that.
     *
     * @param hidden (rows, hidden), from {@link #forward}
     * @return (sequences, hidden)
     * @throws IllegalStateException if there is no such layer
     */
    public Variable pooled(Tape tape, Variable hidden, int[] offsets) {
        throw new IllegalStateException(architecture().modelType() + ": this checkpoint has no pooler");
    }

    /**
     * Whether a training step keeps no more of a layer than its input, and runs the layer again on the way back: less
     * memory for a third more time, and the same bits. Hugging Face's {@code gradient_checkpointing}.
     */
    public final void gradientCheckpointing(boolean on) {
        gradientCheckpointing = on;
    }

    /** {@code layer.apply(tape, x)}, checkpointed if that is on. */
    protected final Variable run(Tape tape, Variable x, BiFunction<Tape, Variable, Variable> layer) {
        return gradientCheckpointing ? tape.checkpoint(x, layer) : layer.apply(tape, x);
    }

    /** Refuses sequences that are too long. */
    protected final void requireFits(Batch batch) {
        int[] offsets = batch.offsets();
        for (int s = 0; s < batch.sequences(); s++) {
            if (offsets[s + 1] - offsets[s] > maxTokens()) {
                throw new IllegalArgumentException(architecture().modelType() + ": sequence " + s + " has "
                        + (offsets[s + 1] - offsets[s]) + " tokens, the model has " + maxTokens() + " positions");
            }
        }
    }

    /** Refuses segments, of which decoders know none. */
    protected final void requireOneSegment(Batch batch) {
        for (int type : batch.typeIds()) {
            if (type != 0) {
                throw new IllegalArgumentException(architecture().modelType() + ": segment " + type
                        + ", the model has no embeddings of segments");
            }
        }
    }
}
