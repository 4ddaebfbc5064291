package dev.lorikeet.bench.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One reader for Jazzer, which looks for inputs that reach code no other input reached, and keeps them. The reader is
 * that of {@code -Dlorikeet.fuzz.reader}, by its name.
 */
public final class Guided {
    private static final int SEEDS = 500;
    private static final Reader READER = reader();

    private Guided() {}

    private static Reader reader() {
        String name = System.getProperty("lorikeet.fuzz.reader", "");
        try {
            List<Reader> readers = Readers.all(Files.createTempDirectory("fuzz"),
                    Path.of(System.getProperty("lorikeet.fixtures", "fixtures")));
            return readers.stream().filter(reader -> reader.name().equals(name)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("-Dlorikeet.fuzz.reader=\"" + name
                            + "\" is none of " + readers));
        } catch (IOException e) {
            throw new IllegalStateException("fuzz", e);
        }
    }

    /** {@code Guided DIRECTORY}: writes inputs to begin with, for a corpus. */
    public static void main(String[] arguments) throws IOException {
        Path corpus = Files.createDirectories(Path.of(arguments[0]));
        for (int number = 0; number < SEEDS; number++) {
            Files.write(corpus.resolve("seed-" + number), Campaign.input(READER, 0, number));
        }
    }

    /** What Jazzer calls for each input. */
    public static void fuzzerTestOneInput(byte[] input) {
        String fault = Campaign.fault(READER, input);
        if (fault != null) {
            throw new AssertionError(fault);
        }
    }
}
