package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Blocks of operations that keep their result alone; where recorded, they run again when its gradient is there. */
final class Checkpoint {
    private Checkpoint() {}

    static Variable resultOf(Tape tape, Function<Tape, Variable> block) {
        try (Tape once = tape.inner(false, tape.drawn, tape.steps.read)) {
            Variable result = block.apply(once);
            tape.drawn = once.drawn;
            return result.tape() == once ? kept(tape, once, result.value()) : result;
        }
    }

    private static Variable kept(Tape tape, Tape once, Tensor value) {
        Tensor y = value;
        if (!tape.takeOver(once, value)) { // a view
            y = tape.allocate(value.shape());
            y.set(value);
        }
        return tape.record("resultOf", y, Operation.NONE);
    }

    static Variable apply(Tape tape, Variable x, BiFunction<Tape, Variable, Variable> block) {
        int drawn = tape.drawn;
        List<Variable> read = new ArrayList<>(List.of(x));
        Tensor y;
        try (Tape once = tape.inner(false, drawn, read)) {
            Tensor value = block.apply(once, x).value();
            y = tape.allocate(value.shape());
            y.set(value);
            tape.drawn = once.drawn;
        }
        return tape.record("checkpoint", y, (t, dy) -> {
            try (Tape again = t.inner(true, drawn, null)) {
                Variable output = block.apply(again, x);
                again.steps.wantOutputs();
                t.giveGradient(output, dy);
                again.walk();
            }
        }, read.toArray(new Variable[0]));
    }
}
