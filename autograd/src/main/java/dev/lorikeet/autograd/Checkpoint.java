package dev.lorikeet.autograd;

import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** A block of operations that runs once without keeping anything, and once more when its gradient is there. */
final class Checkpoint {
    private Checkpoint() {}

    static Variable apply(Tape tape, Variable x, BiFunction<Tape, Variable, Variable> block) {
        int drawn = tape.drawn;
        List<Variable> read = new ArrayList<>(List.of(x));
        Tensor y;
        try (Tape once = tape.inner(drawn, read)) {
            Tensor value = block.apply(once, x).value();
            y = tape.allocate(value.shape());
            y.set(value);
            tape.drawn = once.drawn;
        }
        return tape.record("checkpoint", y, (t, dy) -> {
            try (Tape again = t.inner(drawn, null)) {
                Variable output = block.apply(again, x);
                again.wantOutputs();
                t.giveGradient(output, dy);
                again.walk();
            }
        }, read.toArray(new Variable[0]));
    }
}
