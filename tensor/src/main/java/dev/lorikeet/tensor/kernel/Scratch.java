package dev.lorikeet.tensor.kernel;

/** Room that products use for a while: an array of each kind for each thread, which grows and stays. */
public final class Scratch {
    /** The left-hand side, turned. */
    public static final Scratch LEFT = new Scratch();
    /** Sums that are added to the result later. */
    public static final Scratch SUMS = new Scratch();
    /** Scales, minima and weights of a step. */
    static final Scratch SCALES = new Scratch();
    static final Scratch MINS = new Scratch();
    static final Scratch STEP = new Scratch();
    /** Weights of a panel, and sums with them. */
    static final Scratch DECODED = new Scratch();
    static final Scratch DECODED_SUMS = new Scratch();

    private final ThreadLocal<float[]> own = ThreadLocal.withInitial(() -> new float[0]);

    private Scratch() {}

    /** This thread's array, of at least {@code size} elements of unspecified contents. */
    public float[] of(int size) {
        float[] room = own.get();
        if (room.length < size) {
            room = new float[size];
            own.set(room);
        }
        return room;
    }
}
