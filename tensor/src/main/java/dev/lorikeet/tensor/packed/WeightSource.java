package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.Tensor;

/** The weight W (rows, columns) that is packed, element by element. */
@FunctionalInterface
interface WeightSource {
    float at(int row, int column);

    static WeightSource of(Tensor matrix) {
        float[] data = matrix.data();
        int offset = matrix.offset();
        int columns = matrix.dim(1);
        return (row, column) -> data[offset + row * columns + column];
    }
}
