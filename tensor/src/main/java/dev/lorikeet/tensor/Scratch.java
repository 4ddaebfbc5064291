package dev.lorikeet.tensor;

/** Room that products use for a while: an array of each kind for each thread, which grows and stays. */
final class Scratch {
    /** The left-hand side, turned. */
    static final Scratch LEFT = new Scratch();
    /** The right-hand side in panels. */
    static final Scratch PANELS = new Scratch();
    /** Sums that are added to the result later. */
    static final Scratch SUMS = new Scratch();

    private final ThreadLocal<float[]> own = ThreadLocal.withInitial(() -> new float[0]);

    private Scratch() {}

    /** This thread's array, of at least {@code size} elements of unspecified contents. */
    float[] of(int size) {
        float[] room = own.get();
        if (room.length < size) {
            room = new float[size];
            own.set(room);
        }
        return room;
    }
}
