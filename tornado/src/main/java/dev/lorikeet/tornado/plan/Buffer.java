package dev.lorikeet.tornado.plan;

/**
 * An array of float32 on the device, with its like in the host's memory.
 *
 * @param name unique in a plan
 */
public record Buffer(String name, int length, Travel travel) {
    /** TornadoVM counts bytes in an int in places (its issue 721): longer arrays would wrap around. */
    public static final int MAX_LENGTH = 1 << 29;

    /** When a buffer crosses the bus. */
    public enum Travel {
        /** To the device, before the first graph; all graphs of a plan share it. */
        WEIGHT,
        /** To the device, with the first run of each graph that reads it: zeros and ones, which are small. */
        CONSTANT,
        /** To the device, with each run of a graph that reads it first: what the host may have changed. */
        EACH,
        /** Never: what graphs leave for each other. */
        NEVER,
        /** Back to the host, after each run of the graph that makes it. */
        BACK
    }

    /**
     * Makes a buffer, or refuses one that is too long.
     *
     * @throws IllegalArgumentException if it has more than {@value #MAX_LENGTH} elements
     */
    public static Buffer of(String name, long length, Travel travel) {
        if (length > MAX_LENGTH) {
            throw new IllegalArgumentException("buffer " + name + ": " + length
                    + " elements, a device takes at most " + MAX_LENGTH + " in one piece");
        }
        return new Buffer(name, (int) length, travel);
    }

    /** Its memory on the device. */
    public long bytes() {
        return 4L * length;
    }
}
