package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.LinearOps;
import dev.lorikeet.autograd.RelativeTerms;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.SelfAttention;
import dev.lorikeet.tensor.Attention;
import dev.lorikeet.tensor.Matmul.Form;
import org.jspecify.annotations.Nullable;

/** One layer of DeBERTa: BERT's, with disentangled attention (He et al. 2021, equations 3 and 4). */
final class DebertaLayer extends Block {
    /**
     * Embeddings of distances.
     *
     * @param rows (buckets, hidden)
     * @param buckets of the distances -n … n of a query from a key
     */
    record Distances(Variable rows, int[] buckets) {}

    private final int heads;
    private final int size;
    private final SelfAttention attention;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    /** What embeddings of distances go through, to be compared with keys and with queries; null for no such term. */
    private final @Nullable Linear distanceQuery;
    private final @Nullable Linear distanceKey;
    private final Linear attentionOutput;
    private final LayerNorm attentionNorm;
    private final Linear intermediate;
    private final Linear output;
    private final LayerNorm outputNorm;

    DebertaLayer(DebertaConfig config, TensorReader files) {
        int hidden = config.hiddenSize();
        heads = config.heads();
        size = hidden / heads;
        attention = child("attention.self",
                new SelfAttention(Attention.bidirectional(heads).withScale(config.scale())));
        query = linear(files, "attention.self.query_proj", hidden, hidden, true);
        key = linear(files, "attention.self.key_proj", hidden, hidden, true);
        value = linear(files, "attention.self.value_proj", hidden, hidden, true);
        DebertaConfig.Relative relative = config.relative();
        boolean shared = relative != null && relative.shared();
        distanceKey = relative == null || !relative.byQuery() ? null
                : shared ? key : linear(files, "attention.self.pos_key_proj", hidden, hidden, true);
        distanceQuery = relative == null || !relative.byKey() ? null
                : shared ? query : linear(files, "attention.self.pos_query_proj", hidden, hidden, true);
        attentionOutput = linear(files, "attention.output.dense", hidden, hidden, true);
        attentionNorm = layerNorm(files, "attention.output.LayerNorm", hidden, config.layerNormEps());
        intermediate = linear(files, "intermediate.dense", hidden, config.intermediateSize(), true,
                config.activation());
        output = linear(files, "output.dense", config.intermediateSize(), hidden, true);
        outputNorm = layerNorm(files, "output.LayerNorm", hidden, config.layerNormEps());
    }

    /** (rows, hidden) to (rows, hidden). */
    Variable forward(Pass pass, Variable x, @Nullable Distances distances) {
        Tape tape = pass.tape();
        Variable q = query.forward(pass, x);
        Variable k = key.forward(pass, x);
        RelativeTerms terms = distances == null ? null
                : new RelativeTerms(compared(tape, q, distanceKey, distances.rows),
                        compared(tape, k, distanceQuery, distances.rows), distances.buckets);
        Variable context = attention.forward(pass, q, k, value.forward(pass, x), terms);
        Variable attended = attentionNorm.forward(tape, attentionOutput.forward(pass, context), x);
        return outputNorm.forward(tape, output.forward(pass, intermediate.forward(pass, attended)), attended);
    }

    /** (rows, heads·buckets): each head of x times that of the projected embeddings; null where there is no term. */
    private @Nullable Variable compared(Tape tape, Variable x, @Nullable Linear projection, Variable distances) {
        if (projection == null) {
            return null;
        }
        Variable projected = projection.forward(tape, distances);
        Variable[] products = new Variable[heads];
        for (int head = 0; head < heads; head++) {
            int from = head * size;
            products[head] = LinearOps.matmul(tape, Form.NT, ShapeOps.columns(tape, x, from, from + size),
                    ShapeOps.columns(tape, projected, from, from + size));
        }
        return ShapeOps.concat(tape, 1, products);
    }
}
