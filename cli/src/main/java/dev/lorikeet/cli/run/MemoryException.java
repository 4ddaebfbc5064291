package dev.lorikeet.cli.run;

import dev.lorikeet.cli.report.Format;
import java.util.function.Supplier;

/** Memory has come to its end; the message says over what, and what would help. */
public final class MemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final long GIGABYTE = 1L << 30;

    private MemoryException(String message, OutOfMemoryError cause) {
        super(message, cause);
    }

    /**
     * Does {@code step}.
     *
     * @param what it does, for example {@code reading train.tsv}
     * @param advice what besides more memory would help: nothing, or a sentence that ends in {@code ", "}
     * @throws MemoryException if there is too little for it
     */
    public static <T> T during(String what, String advice, Supplier<T> step) {
        try {
            return step.get();
        } catch (OutOfMemoryError e) {
            throw new MemoryException("out of memory while " + what + ": " + advice + more(), e);
        }
    }

    /** How Java gets more than it has: twice as much, in whole gigabytes. */
    public static String more() {
        long most = Runtime.getRuntime().maxMemory();
        return "LORIKEET_JAVA_OPTS=-Xmx" + Math.max(1, Math.ceilDiv(2 * most, GIGABYTE)) + "g gives Java more than "
                + Format.bytes(most);
    }
}
