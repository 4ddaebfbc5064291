package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A decoder whose layers look at what an encoder made of another text. Batches are those of the decoder; either they
 * have the encoder's beside them ({@link Batch#withSource}), or the pass has what {@link #encode} gave.
 */
public abstract class EncoderDecoder extends Backbone {
    /** The encoder's layers. */
    abstract Stack encoder();

    /**
     * The encoder's last hidden state.
     *
     * @param source what the encoder reads
     * @throws IllegalArgumentException as {@link #forward(Pass, Batch)}
     */
    public final Pass.Memory encode(Tape tape, Batch source) {
        Pass pass = source.pass(tape);
        return new Pass.Memory(through(encoder(), pass, source, null), pass.rows());
    }

    /** The hidden states of the encoder, as {@link #hiddenStates} has those of the decoder. */
    public final List<Variable> encoderStates(Tape tape, Batch source) {
        List<Variable> states = new ArrayList<>();
        states.add(through(encoder(), source.pass(tape), source, states));
        return states;
    }

    @Override
    final Pass prepared(Pass pass, Batch batch) {
        if (pass.encoder() != null) {
            return pass;
        }
        if (batch.source() == null) {
            throw new IllegalArgumentException(architecture().modelType()
                    + ": neither the batch nor the pass says what the encoder reads");
        }
        return new Pass(pass.tape(), pass.rows(), pass.cache(), encode(pass.tape(), batch.source()));
    }

    /** What the encoder made, for keys and values. */
    static Variable memory(Pass pass) {
        return Objects.requireNonNull(pass.encoder()).states();
    }
}
