package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Module;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A model without its head, Hugging Face's {@code base_model}: embeddings and layers, from token ids to hidden states.
 * The models' own dropout is not applied: adapters bring theirs.
 */
public abstract class Backbone extends Module {
    private boolean gradientCheckpointing;

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

    /** Whether {@link #pooled} can be asked. */
    public boolean hasPooler() {
        return false;
    }

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
