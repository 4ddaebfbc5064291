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
    /** What the new file says itself. */
    private static final Set<String> OWN = Set.of("general.architecture", "general.alignment", "general.file_type",
            "general.quantization_version", "split.no", "split.count", "split.tensors.count");

    private GgufOutput() {}

    /** @param whole the backbone, or what holds it with a head; what it does not hold is the source's */
    static void write(Module whole, ModelFiles.Gguf files, GgufNames names, DType dtype, Path to) {
        GgufWriter writer = new GgufWriter(names.architecture());
        try (GgufModel source = GgufModel.open(files.place())) {
            GgufMetadata values = source.values();
            values.keys().stream().filter(key -> !OWN.contains(key)).forEach(key -> writer.put(key, values));
            writer.fileType(dtype);
            tensors(whole, names, source).forEach((name, tensor) -> writer.tensor(names.of(name),
                    names.shape(name, tensor.shape), dtype, () -> names.stored(name, tensor.values.get())));
            source.besideTheModel().forEach((name, tensor) -> writer.tensor(name, tensor.shape(), DType.F32,
                    () -> tensor));
            writer.write(to);
        }
    }

    private static Map<String, Source> tensors(Module whole, GgufNames names, GgufModel source) {
        Map<String, Source> tensors = new LinkedHashMap<>();
        source.names().forEach(name -> tensors.put(name, new Source(source.shape(name), () -> source.read(name))));
        ModelDirectory.parameters(whole).forEach((path, parameter) -> tensors.put(names.named(path),
                new Source(parameter.shape(), parameter::value)));
        return tensors;
    }

    private record Source(Shape shape, Supplier<Tensor> values) {}
}
