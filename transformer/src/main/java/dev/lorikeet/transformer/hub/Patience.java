package dev.lorikeet.transformer.hub;

import java.time.Duration;

/**
 * How long to wait for a hub.
 *
 * @param pause before the second attempt, and twice as long before each further one
 * @param answer until which one has begun
 * @param silence after which a connection over which nothing comes is given up
 * @param longest that a hub may ask to wait
 * @param attempts in a row that bring nothing
 */
record Patience(Duration pause, Duration answer, Duration silence, Duration longest, int attempts) {
    static final Patience USUAL = new Patience(Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofSeconds(30),
            Duration.ofMinutes(2), 5);

    /** @param failures so far, at least 1 */
    Duration before(int failures) {
        return pause.multipliedBy(1L << (failures - 1));
    }
}
