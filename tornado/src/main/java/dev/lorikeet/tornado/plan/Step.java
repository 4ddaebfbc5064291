package dev.lorikeet.tornado.plan;

import java.util.List;

/**
 * One kernel of a graph.
 *
 * @param operands in the order of {@link Operation}
 * @param sizes in the order of {@link Operation}
 */
public record Step(Operation operation, List<Buffer> operands, List<Integer> sizes) {
    public Step {
        operands = List.copyOf(operands);
        sizes = List.copyOf(sizes);
    }

    /** The buffers that it reads. */
    public List<Buffer> inputs() {
        return operands.subList(0, operation.inputs());
    }

    /** The buffers that it writes, whole. */
    public List<Buffer> outputs() {
        return operands.subList(operation.inputs(), operands.size());
    }
}
