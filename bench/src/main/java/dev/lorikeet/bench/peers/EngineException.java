package dev.lorikeet.bench.peers;

/** An engine that failed, or gave another result than the others. */
final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1;

    EngineException(String message) {
        super(message);
    }
}
