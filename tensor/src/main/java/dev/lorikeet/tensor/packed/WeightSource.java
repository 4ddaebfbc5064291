package dev.lorikeet.tensor.packed;

import dev.lorikeet.tensor.Tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The weight W (rows, columns) that is packed, element by element. */
@FunctionalInterface
interface WeightSource {
    ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    float at(int row, int column);

    static WeightSource of(Tensor matrix) {
        float[] data = matrix.data();
        int offset = matrix.offset();
        int columns = matrix.dim(1);
        return (row, column) -> data[offset + row * columns + column];
    }

    /** The elements of a file, little-endian, row by row. */
    static WeightSource of(MemorySegment bytes, int columns, boolean bf16) {
        return bf16 ? (row, column) -> Float.intBitsToFloat(half(bytes, columns, row, column) << 16)
                : (row, column) -> Float.float16ToFloat(half(bytes, columns, row, column));
    }

    private static short half(MemorySegment bytes, int columns, int row, int column) {
        return bytes.get(SHORT, 2 * ((long) row * columns + column));
    }
}
