package dev.lorikeet.bench.fuzz;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.weights.DType;
import dev.lorikeet.transformer.weights.GgufFile;
import dev.lorikeet.transformer.weights.GgufWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** The readers of GGUF files: the format alone, and a model with its config. */
final class GgufReaders {
    /** Where numbers and names are: behind it is nothing but weights. */
    private static final int HEADER = 4096;

    private GgufReaders() {}

    static Reader file(Path directory) throws IOException {
        Path file = directory.resolve("a.gguf");
        seed(file);
        byte[] seed = Files.readAllBytes(file);
        return new Reader("GGUF", directory, random -> Mutants.bytes(seed, random), () -> broken(seed), input -> {
            Files.write(file, input);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            GgufWriter writer = new GgufWriter("again");
            try (GgufFile open = GgufFile.open(file)) {
                for (String key : open.values().keys()) {
                    open.values().shown(key);
                    writer.put(key, open.values());
                }
                open.names().forEach(name -> tensors.put(name, open.readFinite(name)));
            }
            if (WeightReaders.isWrittenAgain(input)) {
                Path copy = directory.resolve("b.gguf");
                writer.put("general.alignment", 32); // of what is written
                writer.put("split.count", 1);
                tensors.forEach((name, tensor) -> writer.tensor(name, tensor.shape(), DType.F32, () -> tensor));
                writer.write(copy);
                Map<String, Tensor> again = new LinkedHashMap<>();
                try (GgufFile written = GgufFile.open(copy)) {
                    written.names().forEach(name -> again.put(name, written.read(name)));
                }
                WeightReaders.requireSame(again, tensors);
            }
        });
    }

    private static Stream<byte[]> broken(byte[] seed) {
        return Stream.concat(Breaks.cuts(seed), GgufFields.broken(seed));
    }

    private static void seed(Path file) {
        GgufWriter writer = new GgufWriter("llama");
        writer.put("a.flag", true);
        writer.put("a.number", 0.5f);
        writer.put("tokens", List.of("a", "", "\u0120\uD83D\uDE00"));
        for (DType dtype : List.of(DType.F32, DType.F16, DType.BF16, DType.Q8_0)) {
            Tensor tensor = Tensor.zeros(2, 32);
            Arrays.fill(tensor.data(), 0.5f);
            writer.tensor("blk.0." + dtype, tensor.shape(), dtype, () -> tensor);
        }
        writer.write(file);
    }

    /** @param recorded a tiny model */
    static Reader model(Path directory, Path recorded) throws IOException {
        Path file = Files.createDirectories(directory).resolve("model.gguf");
        byte[] seed = Files.readAllBytes(recorded);
        return new Reader("model in a GGUF file", directory, random -> changed(seed, random),
                () -> Stream.concat(Breaks.cuts(seed), GgufFields.broken(seed)), input -> {
                    Files.write(file, input);
                    Model.load(file);
                });
    }

    private static byte[] changed(byte[] seed, SplittableRandom random) {
        byte[] header = Mutants.bytes(Arrays.copyOf(seed, HEADER), random);
        byte[] whole = Arrays.copyOf(header, header.length + seed.length - HEADER);
        System.arraycopy(seed, HEADER, whole, header.length, seed.length - HEADER);
        return whole;
    }
}
