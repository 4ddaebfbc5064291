package dev.lorikeet.transformer.tokenizer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** The vocabularies of real models, which lie compressed in {@code fixtures/vocabularies}. */
final class RealVocabulary {
    static final List<String> NAMES = List.of("gpt2", "roberta-base", "t5-small", "phi-3-mini");

    private RealVocabulary() {}

    /** Unpacks one, and gives the directory, as Hugging Face has it, with {@code expected.json}. */
    static Path in(String name, Path temporary) throws IOException {
        Path directory = Files.createDirectories(temporary.resolve(name));
        Path packed = Path.of(System.getProperty("lorikeet.basedir", ""), "fixtures/vocabularies", name);
        try (Stream<Path> files = Files.list(packed)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".gz")).toList()) {
                try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
                    Files.write(directory.resolve(file.getFileName().toString().replace(".gz", "")), in.readAllBytes());
                }
            }
        }
        return directory;
    }
}
