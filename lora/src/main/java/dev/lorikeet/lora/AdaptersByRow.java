package dev.lorikeet.lora;

import dev.lorikeet.autograd.ElementOps;
import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Other adapters for other sequences of one batch. Where adapters only add to a layer, the layer itself runs once for
 * all rows; those that do more go their own way, so that no row depends on the adapters of others.
 *
 * @param sequences of the batch
 */
record AdaptersByRow(List<Group> groups, int sequences) implements Active {
    /** The sequences that use the same adapter. */
    record Group(Adapters adapters, int[] sequences) {}

    @Override
    public Variable forward(Pass pass, Variable x, Linear base) {
        requireSequences(pass);
        List<Group> adding = groups.stream().filter(group -> group.adapters.onlyAdds(base)).toList();
        if (adding.size() == groups.size()) {
            return added(pass, x, base, adding);
        }
        List<Group> others = groups.stream().filter(group -> !group.adapters.onlyAdds(base)).toList();
        Variable own = apart(pass, others, (group, which) -> group.adapters.forward(part(pass, group),
                ShapeOps.gather(pass.tape(), x, which), base));
        if (adding.isEmpty()) {
            return own;
        }
        int[] which = pass.rows().of(adding.stream().flatMapToInt(group -> Arrays.stream(group.sequences)).toArray());
        Variable sums = added(pass, x, base, adding); // of all rows: those of others are not taken
        return ElementOps.add(pass.tape(), own, ShapeOps.scatterAdd(pass.tape(),
                ShapeOps.gather(pass.tape(), sums, which), which, pass.rows().count()));
    }

    /** The layer's own map of all rows, and what each group adds to its own. */
    private static Variable added(Pass pass, Variable x, Linear base, List<Group> groups) {
        Tape tape = pass.tape();
        if (groups.stream().allMatch(group -> group.adapters.at(base).isEmpty())) {
            return base.base(tape, x, null);
        }
        Variable z = base.product(tape, x, null);
        for (Group group : groups) {
            int[] which = pass.rows().of(group.sequences);
            for (LoraLayer layer : group.adapters.at(base)) {
                Variable added = ((LoraLinear) layer).added(tape, ShapeOps.gather(tape, x, which));
                z = ElementOps.add(tape, z, ShapeOps.scatterAdd(tape, added, which, pass.rows().count()));
            }
        }
        return base.finish(tape, z);
    }

    @Override
    public Variable forward(Pass pass, int[] index, Embedding base) {
        requireSequences(pass);
        return apart(pass, groups, (group, which) -> group.adapters.forward(part(pass, group),
                Arrays.stream(which).map(i -> index[i]).toArray(), base));
    }

    private static Variable apart(Pass pass, List<Group> groups, BiFunction<Group, int[], Variable> forward) {
        @Nullable
        Variable sum = null;
        for (Group group : groups) {
            int[] which = pass.rows().of(group.sequences);
            Variable own = ShapeOps.scatterAdd(pass.tape(), forward.apply(group, which), which, pass.rows().count());
            sum = sum == null ? own : ElementOps.add(pass.tape(), sum, own);
        }
        if (sum == null) {
            throw new IllegalStateException("adapter set: a batch without sequences");
        }
        return sum;
    }

    /** The pass over the sequences of one group. */
    private static Pass part(Pass pass, Group group) {
        return new Pass(pass.tape(), pass.rows().part(group.sequences));
    }

    private void requireSequences(Pass pass) {
        if (pass.rows().sequences() != sequences) {
            throw new IllegalStateException("adapter set: adapters were chosen for " + sequences
                    + " sequences, and the pass has " + pass.rows().sequences());
        }
    }
}
