package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.weights.DType;
import dev.lorikeet.transformer.weights.GgufMetadata;
import dev.lorikeet.transformer.weights.GgufModel;
import dev.lorikeet.transformer.weights.GgufNames;
import dev.lorikeet.transformer.weights.GgufWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Writes a model that was read from a GGUF file as another one, with all that the first says but its number format. */
final class GgufOutput {
    private static final String FILE_TYPE = "general.file_type";
    /** What the new file says itself. */
    private static final Set<String> OWN = Set.of("general.architecture", "general.alignment", FILE_TYPE,
            "general.quantization_version", "split.no", "split.count", "split.tensors.count");
    /** llama.cpp's {@code llama_ftype}: most tensors are of this type. */
    private static final Map<DType, Integer> FILE_TYPES = Map.of(DType.F32, 0, DType.F16, 1, DType.Q8_0, 7, DType.BF16,
            32);

    private GgufOutput() {}

    /** @param whole the backbone, or what holds it with a head; what it does not hold is the source's */
    static void write(Module whole, ModelFiles.Gguf files, String prefix, DType dtype, Path to) {
        GgufNames names = new GgufNames(files.config());
        GgufWriter writer = new GgufWriter(names.architecture());
        try (GgufModel source = GgufModel.open(files.place())) {
            GgufMetadata values = source.values();
            values.keys().stream().filter(key -> !OWN.contains(key)).forEach(key -> writer.put(key, values));
            writer.put(FILE_TYPE, FILE_TYPES.getOrDefault(dtype, 0));
            if (dtype == DType.Q8_0) {
                writer.put("general.quantization_version", 2);
            }
            tensors(whole, names, prefix, source).forEach((name, tensor) -> writer.tensor(names.of(name),
                    names.shape(name, tensor.shape), dtype, () -> names.stored(name, tensor.values.get())));
            source.besideTheModel().forEach((name, tensor) -> writer.tensor(name, tensor.shape(), DType.F32,
                    () -> tensor));
            writer.write(to);
        }
    }

    private static Map<String, Source> tensors(Module whole, GgufNames names, String prefix, GgufModel source) {
        Map<String, Source> tensors = new LinkedHashMap<>();
        source.names().forEach(name -> tensors.put(name, new Source(source.shape(name), () -> source.read(name))));
        ModelDirectory.parameters(whole).forEach((path, parameter) -> tensors.put(names.has(path) ? path
                : prefix + path, new Source(parameter.shape(), parameter::value)));
        return tensors;
    }

    private record Source(Shape shape, Supplier<Tensor> values) {}
}
