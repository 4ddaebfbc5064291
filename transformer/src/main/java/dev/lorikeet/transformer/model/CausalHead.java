package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.TiedHead;
import dev.lorikeet.tensor.Activation;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The token after each token: {@code GPT2LMHeadModel} and {@code LlamaForCausalLM}. The head is the table of the
 * embeddings where {@code tie_word_embeddings} says so and the file has no other one, else a linear layer.
 */
public final class CausalHead extends Head {
    /** A tied or a linear head's. */
    private interface Scores {
        Variable forward(Pass pass, Variable hidden);
    }

    private final float cap;
    private final Scores scores;
    private final @Nullable Linear untied;
    private final @Nullable TiedHead tied;

    /**
     * A head from its parts in Hugging Face's files.
     *
     * @param path of the linear layer
     * @param bias whether that has one
     * @param cap of the logits, or 0
     */
    CausalHead(Source source, String path, boolean bias, float cap) {
        super(source);
        this.cap = cap;
        TensorReader files = source.required();
        Backbone backbone = source.backbone();
        boolean shared = source.architecture().tiesHead(source.config())
                && !files.differs(path + ".weight", backbone.words().weight().value());
        if (shared) {
            untied = null;
            TiedHead table = child(path, new TiedHead(backbone.words(),
                    bias ? files.read(path + ".bias", backbone.config().vocabularySize()) : null));
            tied = table;
            scores = (pass, hidden) -> table.forward(pass.tape(), hidden);
        } else {
            tied = null;
            untied = child(path, files.linear(path, source.hiddenSize(), backbone.config().vocabularySize(), bias,
                    Activation.NONE));
            scores = untied::forward;
        }
    }

    /** The head, or null where it is the table of the embeddings and has no parameter of its own. */
    public @Nullable Linear untiedHead() {
        return untied;
    }

    /**
     * A file may hold a head of its own although its config ties it, and an adapter may have trained one; whoever reads
     * what is written must know.
     */
    @Override
    public Map<String, Object> changes() {
        return tied != null && tied.isTied() ? Map.of() : Map.of("tie_word_embeddings", false);
    }

    @Override
    public Variable features(Pass pass, Variable hidden, Batch batch) {
        return hidden;
    }

    @Override
    public Variable scores(Pass pass, Variable features) {
        Variable logits = scores.forward(pass, features);
        Tape tape = pass.tape();
        return cap == 0 ? logits
                : ElementOps.scale(tape, ElementOps.tanh(tape, ElementOps.scale(tape, logits, 1 / cap)), cap);
    }
}
