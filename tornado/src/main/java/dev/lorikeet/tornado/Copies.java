package dev.lorikeet.tornado;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lorikeet.tensor.FrozenMatrix.Target;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.kernel.Loops;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Between tensors and the arrays that travel. */
final class Copies {
    private Copies() {}

    /** Fills the beginning of {@code array}, and the rest of it with zeros: rows that are not there add nothing. */
    static void in(Tensor x, FloatArray array) {
        MemorySegment segment = array.getSegment();
        MemorySegment.copy(x.data(), x.offset(), segment, JAVA_FLOAT, 0, x.size());
        segment.asSlice(4L * x.size(), 4L * (array.getSize() - x.size())).fill((byte) 0);
    }

    /** Fills {@code x} from the beginning of {@code array}. */
    static void out(FloatArray array, Tensor x) {
        MemorySegment.copy(array.getSegment(), JAVA_FLOAT, 0, x.data(), x.offset(), x.size());
    }

    /** Puts a gradient where it is wanted, or adds it to what is there. */
    static void out(FloatArray array, @Nullable Target target) {
        if (target == null) {
            return;
        }
        Tensor x = target.tensor();
        if (!target.accumulate()) {
            out(array, x);
            return;
        }
        float[] gradient = new float[x.size()];
        MemorySegment.copy(array.getSegment(), JAVA_FLOAT, 0, gradient, 0, gradient.length);
        Loops.add(x.size(), x.data(), x.offset(), gradient, 0, x.data(), x.offset());
    }
}
