package dev.lorikeet.lora.search;

import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.lora.Gate;

/**
 * AutoLoRA's gate: α of β.
 *
 * @param parameter β (k)
 */
record SelectionGate(Selection selection, Parameter parameter) implements Gate {
    @Override
    public Variable value(Tape tape) {
        return ShapeOps.reshape(tape, selection.weights(tape, parameter), parameter.value().size(), 1);
    }
}
