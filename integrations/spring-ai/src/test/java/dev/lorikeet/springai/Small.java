package dev.lorikeet.springai;

import java.nio.file.Path;

/** Small models with random weights, of the fixtures. */
final class Small {
    private static final Path FIXTURES = Path.of(System.getProperty("lorikeet.fixtures"));
    /** A BERT of 16 hidden units. */
    static final Path ENCODER = FIXTURES.resolve("tags/base").toAbsolutePath().normalize();
    /** A Llama of 16 hidden units with a chat template. */
    static final Path TALKER = FIXTURES.resolve("completions/model").toAbsolutePath().normalize();

    private Small() {}
}
