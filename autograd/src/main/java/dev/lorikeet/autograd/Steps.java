package dev.lorikeet.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The operations that a tape recorded, in the order in which they ran. */
final class Steps {
    /** An operation that ran, and which of the tape's buffers are its output and what it keeps for the way back. */
    record Step(String name, Variable output, @Nullable Variable[] inputs, Operation operation, int from, int to) {}

    private final List<Step> steps;
    /** Where to note what operations read that requires a gradient, on a tape of a checkpoint; else null. */
    @Nullable
    List<Variable> read;
    /** The only variables that get a gradient, with all on the way to them; null for no such limit. */
    @Nullable
    Set<Variable> wanted;

    Steps(boolean recording) {
        // As many as six layers with adapters have: lists that grow leave their old arrays behind.
        steps = new ArrayList<>(recording ? 128 : 0);
    }

    void add(Step step) {
        steps.add(step);
    }

    int size() {
        return steps.size();
    }

    Step get(int index) {
        return steps.get(index);
    }

    /** Notes that an operation reads {@code input}, where that is asked for. */
    void note(Variable input) {
        if (read != null && input.requiresGradient() && !read.contains(input)) {
            read.add(input);
        }
    }

    /** Wants the outputs of the operations that read what is wanted, too: the way from the loss goes over them. */
    void wantOutputs() {
        Set<Variable> all = wanted;
        for (int i = 0; all != null && i < steps.size(); i++) {
            for (Variable input : steps.get(i).inputs()) {
                if (input != null && all.contains(input)) {
                    all.add(steps.get(i).output());
                }
            }
        }
    }

    /** Closes what the operations keep, and forgets them. */
    void close() {
        steps.forEach(step -> step.operation().close());
        steps.clear();
    }
}
