package dev.lorikeet.tensor;

/**
 * Where a computation gets the memory that it needs beside its result. What a forward pass takes lasts until its way
 * back has been gone or given up; what the way back takes lasts until it returns.
 */
public interface Room {
    /** A tensor of unspecified contents. */
    Tensor take(Shape shape);

    /** As {@link #take(Shape)}. */
    default Tensor take(int rows, int columns) {
        return take(Shape.of(rows, columns));
    }
}
