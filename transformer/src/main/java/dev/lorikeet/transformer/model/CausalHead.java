package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Pass;
import java.util.Map;

/**
 * The token after each token: {@code GPT2LMHeadModel} and {@code LlamaForCausalLM}. The head is the table of the
 * embeddings where {@code tie_word_embeddings} says so and the file has no other one, else a linear layer.
 */
public final class CausalHead extends VocabularyHead {
    private final float cap;

    /**
     * A head from its parts in Hugging Face's files.
     *
     * @param path of the linear layer
     * @param bias whether that has one
     * @param cap of the logits, or 0
     */
    CausalHead(Source source, String path, boolean bias, float cap) {
        super(source, path, bias, source.architecture().tiesHead(source.config()));
        this.cap = cap;
    }

    /**
     * A file may hold a head of its own although its config ties it, and an adapter may have trained one; whoever reads
     * what is written must know.
     */
    @Override
    public Map<String, Object> changes() {
        return isTied() ? Map.of() : Map.of("tie_word_embeddings", false);
    }

    @Override
    public Variable scores(Pass pass, Variable features) {
        Variable logits = table(pass, features);
        Tape tape = pass.tape();
        return cap == 0 ? logits
                : ElementOps.scale(tape, ElementOps.tanh(tape, ElementOps.scale(tape, logits, 1 / cap)), cap);
    }
}
