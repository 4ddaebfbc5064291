package dev.lorikeet.transformer.weights;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Objects;

/** Numbers of any {@link DType}, little-endian, to float32. */
final class Widening {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private Widening() {}

    /**
     * A tensor in float32.
     *
     * @param bytes of the whole tensor
     * @throws InputException if an element has no exact float32
     */
    static Tensor tensor(Path file, String name, DType dtype, MemorySegment bytes, Shape shape) {
        if (dtype.blockLength() > 1) {
            return decoded(dtype, bytes, shape);
        }
        float[] values = new float[shape.size()];
        int inexact = widen(dtype, bytes, values);
        if (inexact >= 0) {
            throw new InputException(file, name, "element " + inexact + " of type " + dtype + " has no exact float32");
        }
        return Tensor.of(values, shape);
    }

    private static Tensor decoded(DType dtype, MemorySegment bytes, Shape shape) {
        int in = shape.dim(-1);
        int out = shape.rows();
        return Cpu.shared().take(bytes, Objects.requireNonNull(dtype.format()), out, in).toTensor()
                .reshape(shape.dims());
    }

    /**
     * Fills {@code values} from {@code bytes}.
     *
     * @return the index of the first I64 or I32 value that no float32 equals, or -1
     */
    static int widen(DType dtype, MemorySegment bytes, float[] values) {
        if (dtype == DType.F32) {
            MemorySegment.copy(bytes, FLOAT, 0, values, 0, values.length);
            return -1;
        }
        for (int i = 0; i < values.length; i++) {
            long at = (long) i * dtype.bytes();
            switch (dtype) {
                case F64 -> values[i] = (float) bytes.get(DOUBLE, at);
                case F32 -> values[i] = bytes.get(FLOAT, at);
                case F16 -> values[i] = Float.float16ToFloat(bytes.get(SHORT, at));
                case BF16 -> values[i] = Float.intBitsToFloat(bytes.get(SHORT, at) << 16);
                case I64, I32 -> {
                    long exact = dtype == DType.I64 ? bytes.get(LONG, at) : bytes.get(INT, at);
                    values[i] = exact;
                    if (values[i] == 0x1p63f || (long) values[i] != exact) {
                        return i;
                    }
                }
                case I16 -> values[i] = bytes.get(SHORT, at);
                case I8 -> values[i] = bytes.get(BYTE, at);
                case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw new IllegalArgumentException(
                        "widen: " + dtype + " has blocks");
                case U8, BOOL -> values[i] = Byte.toUnsignedInt(bytes.get(BYTE, at));
            }
        }
        return -1;
    }
}
