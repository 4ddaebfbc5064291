package dev.lorikeet.lora;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.LinearOps;
import dev.lorikeet.autograd.SequenceOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.EmbeddingAdapter;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An adapter of an embedding: row i of the table plus s·B·(column i of A). As in PEFT, dropout is not applied to it,
 * and the padding entry's column gets no gradient.
 */
public final class LoraEmbedding extends LoraLayer implements EmbeddingAdapter {
    private final Embedding embedding;

    LoraEmbedding(LoraSite site, Map<String, Tensor> weights) {
        super(site, null, weights);
        this.embedding = (Embedding) site.module();
    }

    @Override
    public Map<String, Parameter> parameters() {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put(LoraSite.EMBEDDING_A, a);
        parameters.put(LoraSite.EMBEDDING_B, b);
        if (magnitude != null) {
            parameters.put(LoraSite.MAGNITUDE, magnitude);
        }
        return parameters;
    }

    @Override
    void install() {
        embedding.adapter(this);
    }

    @Override
    void remove() {
        embedding.adapter(null);
    }

    @Override
    boolean isInstalled() {
        return embedding.adapter() != null;
    }

    @Override
    public Variable forward(Pass pass, int[] index, Embedding base) {
        Tape tape = pass.tape();
        Variable rows = base.base(tape, index);
        if (isMerged()) {
            return rows;
        }
        Variable adapted = ElementOps.add(tape, rows, added(tape, index));
        return magnitude == null ? adapted : ElementOps.multiply(tape, adapted, direction(tape, magnitude));
    }

    /** s·B·(columns of A), (index.length, hidden). */
    Variable added(Tape tape, int[] index) {
        Variable columns = SequenceOps.embeddingColumns(tape, a, index, embedding.paddingIndex());
        return ElementOps.scale(tape, LinearOps.matmul(tape, Form.NT, columns, b), scaling());
    }
}
