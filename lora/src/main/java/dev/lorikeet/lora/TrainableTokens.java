package dev.lorikeet.lora;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.EmbeddingAdapter;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Some rows of an embedding that are trained, the others frozen: PEFT's {@code trainable_token_indices}. */
public final class TrainableTokens implements EmbeddingAdapter {
    static final String ROWS = "token_adapter.trainable_tokens_delta";

    private final Embedding embedding;
    private final List<Integer> tokens;
    /** The place of each token in {@link #tokens}. */
    private final Map<Integer, Integer> places = new HashMap<>();
    /** PEFT calls it a delta; it holds the rows themselves. */
    private final Parameter rows;
    /** The rows of the table that the merge overwrote, or null while not merged. */
    private @Nullable Tensor unmerged;

    /** @param rows (tokens, hidden) what stands for these rows of the table */
    TrainableTokens(Embedding embedding, List<Integer> tokens, Tensor rows) {
        this.embedding = embedding;
        this.tokens = List.copyOf(tokens);
        this.rows = new Parameter(rows);
        for (int i = 0; i < tokens.size(); i++) {
            places.put(tokens.get(i), i);
        }
    }

    /** A copy of the rows that the table has. */
    static Tensor rowsOf(Embedding embedding, List<Integer> tokens) {
        Tensor table = embedding.weight().value();
        Tensor rows = Tensor.zeros(tokens.size(), table.dim(1));
        for (int i = 0; i < tokens.size(); i++) {
            rows.rows(i, i + 1).set(table.rows(tokens.get(i), tokens.get(i) + 1));
        }
        return rows;
    }

    /** The entries of the table whose rows are trained. */
    public List<Integer> tokens() {
        return tokens;
    }

    /** Their rows (tokens, hidden). */
    public Parameter rows() {
        return rows;
    }

    Embedding embedding() {
        return embedding;
    }

    @Override
    public Map<String, Parameter> parameters() {
        return Map.of(ROWS, rows);
    }

    @Override
    public Variable forward(Pass pass, int[] index, Embedding base) {
        Tape tape = pass.tape();
        Variable frozen = base.base(tape, index);
        int[] trained = IntStream.range(0, index.length).filter(i -> places.containsKey(index[i])).toArray();
        if (unmerged != null || trained.length == 0) {
            return frozen;
        }
        int hidden = rows.value().dim(1);
        boolean[] replaced = new boolean[index.length * hidden];
        for (int i : trained) {
            Arrays.fill(replaced, i * hidden, (i + 1) * hidden, true);
        }
        int[] which = Arrays.stream(trained).map(i -> Objects.requireNonNull(places.get(index[i]))).toArray();
        Variable given = ShapeOps.scatterAdd(tape, ShapeOps.gather(tape, rows, which), trained, index.length);
        return ElementOps.add(tape, ElementOps.maskedFill(tape, frozen, replaced, 0f), given);
    }

    @Override
    public boolean isMerged() {
        return unmerged != null;
    }

    void merge() {
        unmerged = rowsOf(embedding, tokens);
        set(rows.value());
    }

    void unmerge() {
        if (unmerged != null) {
            set(unmerged);
            unmerged = null;
        }
    }

    private void set(Tensor values) {
        Tensor table = embedding.weight().value();
        for (int i = 0; i < tokens.size(); i++) {
            table.rows(tokens.get(i), tokens.get(i) + 1).set(values.rows(i, i + 1));
        }
        embedding.weight().set(table);
    }
}
