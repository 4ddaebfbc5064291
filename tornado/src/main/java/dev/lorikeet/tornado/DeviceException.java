package dev.lorikeet.tornado;

/** A device that fails: in the middle of a run, or at the compilation of a kernel. Never a wrong result instead. */
final class DeviceException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    DeviceException(String device, String what, Throwable cause) {
        super("device " + device + " failed at " + what + ": " + rootOf(cause), cause);
    }

    /** What began it, in one line. */
    static String rootOf(Throwable thrown) {
        Throwable root = thrown;
        for (Throwable cause = root.getCause(); cause != null; cause = cause.getCause()) {
            root = cause;
        }
        return root.toString().lines().findFirst().orElse("").strip();
    }
}
