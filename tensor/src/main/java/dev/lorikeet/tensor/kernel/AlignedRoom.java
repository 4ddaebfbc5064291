package dev.lorikeet.tensor.kernel;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * Room for numbers that products read over and over, which begins at a cache line where the JVM lets it: vectors of 512
 * bits that lie across two lines are read at half the rate, a tenth of a product's time on Intel's processors.
 *
 * <p>Where an array stands is known in two cases: objects begin at lines ({@code -XX:ObjectAlignmentInBytes=64}), or
 * the array is so large that G1 gives it regions of its own, at whose beginning it stays; small rooms share such an
 * array. Elsewhere this costs nothing and gives nothing.
 *
 * @param array that others may have a part of too
 * @param offset of the first element
 * @param size the number of elements
 */
public record AlignedRoom(float[] array, int offset, int size) {
    /** Elements of a cache line. */
    private static final int LINE = 16;
    /** Bytes that are worth sharing. */
    private static final int LEAST_SHARED = 1 << 22;
    /** The first element that begins a line in an array that begins one. */
    private static final int FIRST = first();
    /** Bytes of a region, 0 where there are none to be had. */
    private static final int REGION = region();
    /** The least size of a room that has regions of its own. */
    private static final int ALONE = REGION / 2 / Float.BYTES;
    /** What small rooms share: whole regions, less what stands before the first element and behind the last. */
    private static final int SHARED = Math.max(REGION, LEAST_SHARED) / Float.BYTES - LINE;

    private static final ThreadLocal<AlignedRoom> PANELS = ThreadLocal
            .withInitial(() -> new AlignedRoom(new float[0], 0, 0));
    private static @Nullable WeakReference<float[]> shared;
    private static int used;

    /** Room for {@code size} zeros. */
    public static AlignedRoom of(int size) {
        return size < ALONE ? share(size) : new AlignedRoom(new float[Math.addExact(FIRST, size)], FIRST, size);
    }

    /** This thread's room for a right-hand side in panels: at least {@code size} elements of unspecified contents. */
    public static AlignedRoom ofPanels(int size) {
        AlignedRoom own = PANELS.get();
        if (own.size < size) {
            own = of(size);
            PANELS.set(own);
        }
        return own;
    }

    private static synchronized AlignedRoom share(int size) {
        float[] array = shared == null ? null : shared.get();
        if (array == null || array.length - used < size) {
            array = new float[SHARED];
            shared = new WeakReference<>(array);
            used = FIRST;
        }
        AlignedRoom room = new AlignedRoom(array, used, size);
        used += Math.ceilDiv(size, LINE) * LINE;
        return room;
    }

    private static int first() {
        int header = JvmOptions.value("UseCompactObjectHeaders", "false").equals("true") ? 3 : 4;
        return LINE - header;
    }

    private static int region() {
        if (!JvmOptions.value("UseG1GC", "false").equals("true")
                || Integer.parseInt(JvmOptions.value("ObjectAlignmentInBytes", "8")) >= LINE * Float.BYTES) {
            return 0;
        }
        return Integer.parseInt(JvmOptions.value("G1HeapRegionSize", "0"));
    }
}
