package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.TiedHead;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.CrossEntropy;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The token after each token: {@code GPT2LMHeadModel} and {@code LlamaForCausalLM}. The head is the table of the
 * embeddings where {@code tie_word_embeddings} says so and the file has no other one, else a linear layer without a
 * bias.
 */
public final class CausalLanguageModel extends PretrainedModel {
    private static final String HEAD = "lm_head";

    /** A tied or a linear head's. */
    private interface Head {
        Variable forward(Tape tape, Variable hidden);
    }

    private final Head head;
    private final @Nullable Linear untied;
    private final @Nullable TiedHead tied;

    CausalLanguageModel(Source source) {
        super(source, Pooler.NONE);
        TensorReader files = source.files();
        boolean shared = source.architecture().tiesHead(source.config())
                && !files.differs(HEAD + ".weight", base().words().weight().value());
        if (shared) {
            untied = null;
            tied = child(HEAD, new TiedHead(base().words(), null));
            head = tied::forward;
        } else {
            tied = null;
            untied = child(HEAD, files.linear(HEAD, base().config().hiddenSize(),
                    base().config().vocabularySize(), false, Activation.NONE));
            head = untied::forward;
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
    Map<String, Object> changes() {
        return tied != null && tied.isTied() ? Map.of() : Map.of("tie_word_embeddings", false);
    }

    @Override
    Variable logits(Tape tape, Variable hidden, Batch batch) {
        return head.forward(tape, hidden);
    }

    /**
     * The mean cross-entropy of each token given those before it: row i of the logits is compared with label i + 1, and
     * the last row of a sequence with none.
     *
     * @param labels (rows) as a rule the ids of the batch, not shifted, or {@link CrossEntropy#IGNORED}
     */
    @Override
    public Variable loss(Tape tape, Variable logits, Batch batch, int[] labels) {
        return super.loss(tape, logits, batch, targets(batch, labels));
    }

    /**
     * Over how many tokens {@link #loss} is the mean: by their shares of the sum, micro-batches add up to the gradients
     * of one batch.
     */
    public static int predictions(Batch batch, int[] labels) {
        return (int) Arrays.stream(targets(batch, labels)).filter(target -> target != CrossEntropy.IGNORED).count();
    }

    /** The label of the next row of the same sequence. */
    private static int[] targets(Batch batch, int[] labels) {
        if (labels.length != batch.rows()) {
            throw new IllegalArgumentException("loss: " + labels.length + " labels for " + batch.rows() + " tokens");
        }
        int[] targets = new int[labels.length];
        for (int s = 0; s < batch.sequences(); s++) {
            int last = batch.offsets()[s + 1] - 1;
            for (int i = batch.offsets()[s]; i < last; i++) {
                targets[i] = labels[i + 1];
            }
            targets[last] = CrossEntropy.IGNORED;
        }
        return targets;
    }
}
