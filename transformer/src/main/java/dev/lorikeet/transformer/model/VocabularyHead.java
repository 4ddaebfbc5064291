package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.TiedHead;
import dev.lorikeet.tensor.Activation;
import org.jspecify.annotations.Nullable;

/**
 * Scores of all tokens: by the table of the embeddings where config and file have no other one, else by a linear layer.
 */
abstract class VocabularyHead extends Head {
    /** A tied or a linear head's. */
    private interface Scores {
        Variable forward(Pass pass, Variable hidden);
    }

    private final Scores scores;
    private final @Nullable Linear untied;
    private final @Nullable TiedHead tied;

    /**
     * A head from its parts in Hugging Face's files.
     *
     * @param path of the linear layer
     * @param bias whether that has one
     * @param tied whether the table is the embeddings' where the file has no other one
     */
    VocabularyHead(Source source, String path, boolean bias, boolean tied) {
        super(source);
        TensorReader files = source.required();
        Backbone backbone = source.backbone();
        int vocabulary = backbone.config().vocabularySize();
        if (tied && !files.differs(path + ".weight", () -> backbone.words().weight().value())) {
            untied = null;
            TiedHead table = child(path,
                    new TiedHead(backbone.words(), bias ? files.read(path + ".bias", vocabulary) : null));
            this.tied = table;
            scores = (pass, hidden) -> table.forward(pass.tape(), hidden);
        } else {
            this.tied = null;
            Linear own = child(path, files.linear(path, source.hiddenSize(), vocabulary, bias, Activation.NONE));
            untied = own;
            scores = own::forward;
        }
    }

    @Override
    public final @Nullable Linear untiedHead() {
        return untied;
    }

    /** Whether the table is the embeddings' by now: an adapter may have trained one of its own. */
    final boolean isTied() {
        return tied != null && tied.isTied();
    }

    final Variable table(Pass pass, Variable features) {
        return scores.forward(pass, features);
    }

    @Override
    public final Variable features(Pass pass, Variable hidden, Batch batch) {
        return hidden;
    }
}
