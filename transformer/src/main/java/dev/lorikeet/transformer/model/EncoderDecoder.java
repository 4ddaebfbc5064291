package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Cache;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.KeyValues.Pair;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * A decoder whose layers look at what an encoder made of another text. Batches are those of the decoder; either they
 * have the encoder's beside them ({@link Batch#withSource}), or the pass has what {@link #encode} gave.
 */
public abstract class EncoderDecoder extends Backbone {
    private final Architecture architecture;
    private final Embedding words;
    private final Stack encoder;
    private final Stack decoder;

    /** Makes a stack of layers of the words' table and the files of the stack. */
    interface Maker<S extends Module & Stack> extends BiFunction<Embedding, TensorReader, S> {}

    /**
     * @param padding the row of the words' table that gets no gradient from look-ups, or
     *     {@link dev.lorikeet.autograd.SequenceOps#NO_PADDING}
     * @param files which may have the table of the words once, or for each stack
     */
    <S extends Module & Stack> EncoderDecoder(Architecture architecture, PretrainedConfig config, int padding,
            TensorReader files, Maker<S> encoder, Maker<S> decoder) {
        this.architecture = architecture;
        TensorReader named = SharedWords.named(files, "shared", "encoder.embed_tokens", "decoder.embed_tokens");
        words = child("shared", named.embedding("shared", config.vocabularySize(), config.hiddenSize(), padding));
        SharedWords.requireSame(named, words, "encoder.embed_tokens", "decoder.embed_tokens");
        this.encoder = child("encoder", encoder.apply(words, files.under("encoder.")));
        this.decoder = child("decoder", decoder.apply(words, files.under("decoder.")));
    }

    @Override
    public final Architecture architecture() {
        return architecture;
    }

    @Override
    public final Embedding words() {
        return words;
    }

    @Override
    final int count() {
        return decoder.count();
    }

    @Override
    protected final Variable embed(Pass pass, Batch batch) {
        requireOneSegment(batch);
        return decoder.embed(pass, batch);
    }

    @Override
    protected final Variable layer(int index, Pass pass, Variable x) {
        return decoder.layer(index, pass, x);
    }

    @Override
    protected final Variable finish(Pass pass, Variable x) {
        return decoder.finish(pass, x);
    }

    /**
     * The encoder's last hidden state.
     *
     * @param source what the encoder reads
     * @throws IllegalArgumentException as {@link #forward(Pass, Batch)}
     */
    public final Pass.Memory encode(Tape tape, Batch source) {
        Pass pass = source.pass(tape);
        return new Pass.Memory(through(encoder, pass, source, null), pass.rows());
    }

    /** The hidden states of the encoder, as {@link #hiddenStates} has those of the decoder. */
    public final List<Variable> encoderStates(Tape tape, Batch source) {
        List<Variable> states = new ArrayList<>();
        states.add(through(encoder, source.pass(tape), source, states));
        return states;
    }

    /** Behind what a cache has read, the encoder is not asked again. */
    @Override
    final Pass prepared(Pass pass, Batch batch) {
        Cache cache = pass.cache();
        if (pass.encoder() != null
                || cache != null && IntStream.range(0, cache.sequences()).allMatch(s -> cache.length(s) > 0)) {
            return pass;
        }
        if (batch.source() == null) {
            throw new IllegalArgumentException(architecture().modelType()
                    + ": neither the batch nor the pass says what the encoder reads");
        }
        return new Pass(pass.tape(), pass.rows(), cache, encode(pass.tape(), batch.source()));
    }

    /** The keys and values of what the encoder made. */
    static Pair memory(Pass pass, Linear key, Linear value) {
        Variable states = Objects.requireNonNull(pass.encoder()).states();
        Pass theirs = pass.overEncoder();
        return new Pair(key.forward(theirs, states), value.forward(theirs, states));
    }
}
