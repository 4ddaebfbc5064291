package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Norm;
import dev.lorikeet.autograd.nn.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** What decoders share: the embeddings of tokens, layers one behind the other, and a norm at the end. */
abstract class Decoder extends Backbone {
    private final Architecture architecture;
    private final PretrainedConfig config;
    private final Embedding words;
    private final @Nullable Embedding positions;
    private final List<Layer> layers = new ArrayList<>();
    private final Norm norm;

    /**
     * Where the parts stand in Hugging Face's files.
     *
     * @param layers that of a layer is this and its number
     */
    record Paths(String words, String layers, String norm) {}

    /** One layer. */
    abstract static class Layer extends Block {
        /** (rows, hidden) to (rows, hidden). */
        abstract Variable forward(Pass pass, Variable x);
    }

    /** The table of positions that are learned, and where it stands. */
    record Positions(String path, Embedding table) {}

    /** @param layer makes the layer of a number */
    Decoder(Architecture architecture, PretrainedConfig config, Paths paths, Embedding words,
            IntFunction<? extends Layer> layer, Norm norm) {
        this(architecture, config, paths, words, null, layer, norm);
    }

    /** @param learned what is added to the embeddings of tokens, by their positions; or null */
    Decoder(Architecture architecture, PretrainedConfig config, Paths paths, Embedding words,
            @Nullable Positions learned, IntFunction<? extends Layer> layer, Norm norm) {
        this.architecture = architecture;
        this.config = config;
        this.words = child(paths.words, words);
        positions = learned == null ? null : child(learned.path, learned.table);
        for (int i = 0; i < config.layers(); i++) {
            layers.add(child(paths.layers + i, layer.apply(i)));
        }
        this.norm = child(paths.norm, norm);
    }

    @Override
    public final Architecture architecture() {
        return architecture;
    }

    @Override
    public final PretrainedConfig config() {
        return config;
    }

    @Override
    public final Embedding words() {
        return words;
    }

    @Override
    protected Variable embed(Pass pass, Batch batch) {
        requireOneSegment(batch);
        Variable tokens = words.forward(pass, batch.ids());
        return positions == null ? tokens
                : ElementOps.add(pass.tape(), tokens, positions.forward(pass, pass.rows().positions()));
    }

    @Override
    protected final Variable layer(int index, Pass pass, Variable x) {
        return layers.get(index).forward(pass, x);
    }

    @Override
    protected final Variable finish(Pass pass, Variable x) {
        return norm.forward(pass.tape(), x);
    }
}
