package dev.lorikeet.bench.roofline;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lists the operations of a pass that runs with a {@link Counter}'s kernels. */
final class Inventory implements Recorder {
    private final Counter counter;
    private final List<Entry> entries = new ArrayList<>();

    Inventory(Counter counter) {
        this.counter = counter;
    }

    List<Entry> entries() {
        return entries;
    }

    @Override
    public void begin() {
        counter.start();
    }

    @Override
    public void mark(String name) {
        add(name, "", List.of());
    }

    @Override
    public void forward(String operation, Variable output, @Nullable Variable[] inputs) {
        List<Tensor> tensors = new ArrayList<>(List.of(output.value()));
        for (Variable input : inputs) {
            if (input != null && !operation.startsWith("embedding")) { // which reads some rows of its table
                tensors.add(input.value());
            }
        }
        add(name(operation, output, inputs), "forward", tensors);
    }

    @Override
    public void backward(String operation, Variable output, @Nullable Variable[] inputs) {
        List<Tensor> tensors = new ArrayList<>(List.of(output.gradientOrThrow()));
        for (Variable input : inputs) {
            if (input != null) {
                tensors.add(input.value());
                Tensor gradient = input.gradient();
                if (gradient != null) {
                    tensors.add(gradient);
                }
            }
        }
        add(name(operation, output, inputs), "backward", tensors);
    }

    private void add(String name, String way, List<Tensor> tensors) {
        double own = tensors.stream().mapToDouble(tensor -> (double) Float.BYTES * tensor.size()).sum();
        entries.add(new Entry(name, way, counter.flops(), own + counter.bytesBeside(tensors)));
        counter.start();
    }

    /** With columns alone: batches of different lengths have the same operations. */
    private static String name(String operation, Variable output, @Nullable Variable[] inputs) {
        String to = columns(output.shape());
        Variable first = inputs.length == 0 ? null : inputs[0];
        String from = first == null ? to : columns(first.shape());
        String adapted = operation.equals("linear") && inputs.length > 2 && inputs[2] != null ? " + LoRA" : "";
        return operation + adapted + " " + (from.equals(to) ? to : from + " to " + to);
    }

    private static String columns(Shape shape) {
        return Integer.toString(shape.rank() == 0 ? 1 : shape.dim(-1));
    }
}
