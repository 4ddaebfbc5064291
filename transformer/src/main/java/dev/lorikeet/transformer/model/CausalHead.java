package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.TiedHead;
import dev.lorikeet.tensor.Activation;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The token after each token: {@code GPT2LMHeadModel} and {@code LlamaForCausalLM}. The head is the table of the
 * embeddings where {@code tie_word_embeddings} says so and the file has no other one, else a linear layer without a
 * bias.
 */
public final class CausalHead extends Head {
    private static final String HEAD = "lm_head";

    /** A tied or a linear head's. */
    private interface Scores {
        Variable forward(Pass pass, Variable hidden);
    }

    private final Scores scores;
    private final @Nullable Linear untied;
    private final @Nullable TiedHead tied;

    CausalHead(Source source) {
        super(source);
        TensorReader files = source.required();
        Backbone backbone = source.backbone();
        boolean shared = source.architecture().tiesHead(source.config())
                && !files.differs(HEAD + ".weight", backbone.words().weight().value());
        if (shared) {
            untied = null;
            TiedHead table = child(HEAD, new TiedHead(backbone.words(), null));
            tied = table;
            scores = (pass, hidden) -> table.forward(pass.tape(), hidden);
        } else {
            tied = null;
            untied = child(HEAD, files.linear(HEAD, source.hiddenSize(), backbone.config().vocabularySize(), false,
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
        return scores.forward(pass, features);
    }
}
