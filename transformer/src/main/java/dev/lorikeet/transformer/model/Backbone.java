package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.Rows;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.packed.Cpu;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model without its head, Hugging Face's {@code base_model}: embeddings and layers, from token ids to hidden states.
 * The models' own dropout is not applied: adapters bring theirs.
 */
public abstract class Backbone extends Module {
    private boolean gradientCheckpointing;
    private @Nullable Attachment attachment;
    private Compute compute = Cpu.shared();
    private final Stack own = new Stack() {
        @Override
        public int count() {
            return Backbone.this.count();
        }

        @Override
        public Variable embed(Pass pass, Batch batch) {
            return Backbone.this.embed(pass, batch);
        }

        @Override
        public Variable layer(int index, Pass pass, Variable x) {
            return Backbone.this.layer(index, pass, x);
        }

        @Override
        public Variable finish(Pass pass, Variable x) {
            return Backbone.this.finish(pass, x);
        }
    };

    public abstract Architecture architecture();

    public abstract PretrainedConfig config();

    /** The length of the longest sequence. */
    public int maxTokens() {
        return config().maxPositions();
    }

    /** The embeddings of tokens, which the head of a language model may share. */
    public abstract Embedding words();

    /** Layers one behind the other, with what comes before and after them. */
    interface Stack {
        int count();

        /** What the first layer gets, (rows, hidden). */
        Variable embed(Pass pass, Batch batch);

        /** What layer {@code index} makes of the hidden state before it, (rows, hidden) both. */
        Variable layer(int index, Pass pass, Variable x);

        /** What follows the last layer: a norm, or nothing. */
        Variable finish(Pass pass, Variable x);
    }

    /** What the first layer gets, (rows, hidden). */
    protected abstract Variable embed(Pass pass, Batch batch);

    /**
     * What layer {@code index} makes of the hidden state before it, (rows, hidden) both.
     *
     * @param pass that which is given, on whose tape the layer computes
     */
    protected abstract Variable layer(int index, Pass pass, Variable x);

    /** What follows the last layer: a norm, or nothing. */
    protected abstract Variable finish(Pass pass, Variable x);

    /**
     * The last hidden state. In a pass for inference, what a layer has made goes back to the workspace when it is done.
     *
     * @param pass over the rows of {@code batch}
     * @return (rows, hidden)
     * @throws IllegalArgumentException if the pass is over other rows, a sequence is longer than {@link #maxTokens}, or
     *     an id is not in its table
     */
    public final Variable forward(Pass pass, Batch batch) {
        return through(own, prepared(pass, batch), batch, null);
    }

    /** The pass that the layers compute in. */
    Pass prepared(Pass pass, Batch batch) {
        return pass;
    }

    /** The number of layers. */
    int count() {
        return config().layers();
    }

    /** As {@link #forward(Pass, Batch)}, of whole texts. */
    public final Variable forward(Tape tape, Batch batch) {
        return forward(batch.pass(tape), batch);
    }

    /**
     * The hidden states: the first is the embeddings, number k what layer k gives, counted from 1; a final norm is part
     * of the last. As Hugging Face's {@code hidden_states}.
     *
     * @return (rows, hidden) each
     * @throws IllegalArgumentException as {@link #forward(Pass, Batch)}
     */
    public final List<Variable> hiddenStates(Pass pass, Batch batch) {
        List<Variable> states = new ArrayList<>();
        states.add(through(own, prepared(pass, batch), batch, states));
        return states;
    }

    /** @param states gets every hidden state but the last; null where nobody needs them */
    final Variable through(Stack stack, Pass pass, Batch batch, @Nullable List<Variable> states) {
        requireFits(pass.rows(), batch);
        Tape tape = pass.tape();
        Variable x = tape.resultOf(inner -> stack.embed(pass.on(inner), batch));
        for (int i = 0; i < stack.count(); i++) {
            Variable y = run(stack, i, pass, x);
            if (states != null) {
                states.add(x);
            } else if (y != x) {
                tape.release(x);
            }
            x = y;
        }
        Variable last = x;
        Variable finished = tape.resultOf(inner -> stack.finish(pass.on(inner), last));
        if (finished != last) {
            tape.release(last);
        }
        if (pass.cache() != null) {
            pass.cache().advance(pass.rows());
        }
        return finished;
    }

    private Variable run(Stack stack, int index, Pass pass, Variable x) {
        return gradientCheckpointing
                ? pass.tape().checkpoint(x, (tape, again) -> stack.layer(index, pass.on(tape), again))
                : pass.tape().resultOf(tape -> stack.layer(index, pass.on(tape), x));
    }

    /** Whether {@link #pooled} can be asked. */
    public boolean hasPooler() {
        return false;
    }

    /** The paths of layers that {@link #hiddenStates} does without, so that no gradient of those reaches them. */
    public List<String> besideHiddenStates() {
        return List.of();
    }

    /**
     * One row of each sequence, made by a layer that some architectures have for that.
     *
     * @param hidden (rows, hidden), from {@link #forward}
     * @return (sequences, hidden)
     * @throws IllegalStateException if there is no such layer
     */
    public Variable pooled(Pass pass, Variable hidden) {
        throw new IllegalStateException(architecture().modelType() + ": this checkpoint has no pooler");
    }

    /** What is in the layers, or null. */
    public final @Nullable Attachment attachment() {
        return attachment != null && attachment.attached() ? attachment : null;
    }

    /** Notes what was put into the layers. */
    public final void attachment(Attachment next) {
        attachment = next;
    }

    /** What computes where no tape says it: for merges, and what adapters start from. */
    public final Compute compute() {
        return compute;
    }

    final void compute(Compute next) {
        compute = next;
    }

    /**
     * Whether a training step keeps no more of a layer than its input, and runs the layer again on the way back: less
     * memory for a third more time, and the same bits. Hugging Face's {@code gradient_checkpointing}.
     */
    public final void gradientCheckpointing(boolean on) {
        gradientCheckpointing = on;
    }

    /** Refuses another pass's batch, and sequences that are too long. */
    private void requireFits(Rows rows, Batch batch) {
        if (!Arrays.equals(rows.offsets(), batch.offsets())) {
            throw new IllegalArgumentException(architecture().modelType() + ": a pass over sequences that begin at "
                    + Arrays.toString(rows.offsets()) + ", in the batch at " + Arrays.toString(batch.offsets()));
        }
        for (int s = 0; s < rows.sequences(); s++) {
            int tokens = rows.positions()[rows.offsets()[s + 1] - 1] + 1;
            if (tokens > maxTokens()) {
                throw new IllegalArgumentException(architecture().modelType() + ": sequence " + s + " has "
                        + tokens + " tokens, the model has " + maxTokens() + " positions");
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
