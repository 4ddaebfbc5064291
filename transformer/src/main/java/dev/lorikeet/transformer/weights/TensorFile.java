package dev.lorikeet.transformer.weights;

import dev.lorikeet.tensor.Reductions;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * An open weight file, or several that make one model: named tensors, read one at a time.
 *
 * <p>Everything about the file is checked when it is opened; nothing is copied before {@link #read}. Safe for several
 * threads until it is closed.
 */
public interface TensorFile extends AutoCloseable {

    /** The names of all tensors, in the file's order. */
    Set<String> names();

    /** Whether there is a tensor of this name. */
    default boolean contains(String name) {
        return names().contains(name);
    }

    /**
     * A tensor's shape, as {@link #read} will give it.
     *
     * @throws InputException if there is no such tensor
     */
    Shape shape(String name);

    /**
     * The number format in the file; {@link #read} gives float32 whatever it is.
     *
     * @throws InputException if there is no such tensor
     */
    DType dtype(String name);

    /**
     * A copy of one tensor, widened to float32. F16, BF16, I16, I8, U8 and BOOL (0 and 1) are exact; F64 is rounded to
     * the nearest float32.
     *
     * @throws InputException if there is no such tensor, or an I64 or I32 value has no exact
     *     float32
     * @throws IllegalStateException if this is closed
     */
    Tensor read(String name);

    /**
     * As {@link #read}, for numbers to compute with.
     *
     * @throws InputException as {@link #read}, and if one of them is not finite
     */
    default Tensor readFinite(String name) {
        Tensor tensor = read(name);
        int wrong = Reductions.firstNotFinite(tensor);
        if (wrong >= 0) {
            throw new InputException(source(), name, "element " + wrong + " is "
                    + tensor.data()[tensor.offset() + wrong] + ", finite numbers are expected");
        }
        return tensor;
    }

    /**
     * Has {@code taker} take a tensor's bytes over as they are in the file, little-endian in {@link #dtype}; it gives
     * what it has made of them, and they are gone afterwards.
     *
     * @throws InputException if there is no such tensor
     * @throws IllegalStateException if this is closed
     */
    <T> T take(String name, Function<MemorySegment, T> taker);

    /** Whether the file has the transposed of a matrix: the rows of the bytes are the columns of {@link #shape}. */
    default boolean isTurned(String name) {
        return false;
    }

    /** What the file says about itself, for example {@code format: pt}. */
    Map<String, String> metadata();

    /** The file, or the index file of several. */
    Path source();

    @Override
    void close();
}
