package dev.lorikeet.lora;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.transformer.model.Batch;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Other adapters for other sequences of one batch. Where adapters only add to a layer, the layer itself runs once for
 * all rows; where one does more, each group of rows goes its own way.
 *
 * @param rows of the batch, its tokens
 * @param sequences of the batch
 */
record AdaptersByRow(List<Group> groups, int rows, int sequences) implements Active {
    /**
     * What uses the same adapter.
     *
     * @param rows of the batch
     * @param sequences of the batch
     */
    record Group(Adapters adapters, int[] rows, int[] sequences) {}

    /** The rows of these sequences of a batch. */
    static int[] rows(Batch batch, List<Integer> sequences) {
        return sequences.stream().flatMapToInt(s -> IntStream.range(batch.offsets()[s], batch.offsets()[s + 1]))
                .toArray();
    }

    @Override
    public Variable forward(Tape tape, Variable x, Linear base) {
        int count = x.value().dim(0);
        if (groups.stream().anyMatch(group -> !group.adapters.onlyAdds(base))) {
            return apart(tape, count, (group, which) -> group.adapters.forward(tape, ShapeOps.gather(tape, x, which),
                    base));
        }
        if (groups.stream().allMatch(group -> group.adapters.at(base).isEmpty())) {
            return base.base(tape, x, null);
        }
        Variable z = base.product(tape, x, null);
        for (Group group : groups) {
            int[] which = which(group, count);
            for (LoraLayer layer : group.adapters.at(base)) {
                Variable added = ((LoraLinear) layer).added(tape, ShapeOps.gather(tape, x, which));
                z = ElementOps.add(tape, z, ShapeOps.scatterAdd(tape, added, which, count));
            }
        }
        return base.finish(tape, z);
    }

    @Override
    public Variable forward(Tape tape, int[] index, Embedding base) {
        return apart(tape, index.length, (group, which) -> group.adapters.forward(tape,
                Arrays.stream(which).map(i -> index[i]).toArray(), base));
    }

    private Variable apart(Tape tape, int count, BiFunction<Group, int[], Variable> forward) {
        @Nullable
        Variable sum = null;
        for (Group group : groups) {
            int[] which = which(group, count);
            Variable own = ShapeOps.scatterAdd(tape, forward.apply(group, which), which, count);
            sum = sum == null ? own : ElementOps.add(tape, sum, own);
        }
        if (sum == null) {
            throw new IllegalStateException("adapter set: a batch without sequences");
        }
        return sum;
    }

    /** Layers see a row for each token; behind a pooling, one for each sequence. */
    private int[] which(Group group, int count) {
        if (count == rows) {
            return group.rows;
        }
        if (count == sequences) {
            return group.sequences;
        }
        throw new IllegalStateException("adapter set: " + count + " rows in a batch of " + rows + " tokens and "
                + sequences + " sequences");
    }
}
