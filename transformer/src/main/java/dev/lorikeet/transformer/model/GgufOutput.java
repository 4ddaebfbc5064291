package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.chat.ChatTemplate;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import dev.lorikeet.transformer.weights.DType;
import dev.lorikeet.transformer.weights.GgufMetadata;
import dev.lorikeet.transformer.weights.GgufModel;
import dev.lorikeet.transformer.weights.GgufNames;
import dev.lorikeet.transformer.weights.GgufWriter;
import dev.lorikeet.transformer.weights.TensorFile;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Writes a model as a GGUF file: one that was read from such a file with all that it says but its number format, one of
 * a Hugging Face directory with what its files say.
 */
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
            put(tensors(whole, names, source, source.names()), names, dtype, writer);
            source.besideTheModel().forEach((name, tensor) -> writer.tensor(name, tensor.shape(), DType.F32,
                    () -> tensor));
            writer.write(to);
        }
    }

    /** @param whole the backbone, or what holds it with a head; what it does not hold is the directory's */
    static void write(Module whole, ModelFiles.Directory files, PretrainedConfig config, GgufNames names, DType dtype,
            Path to) {
        if (!List.of(names.className()).equals(files.config().fields().get("architectures"))) {
            throw files.config().error("architectures", Shown.value(files.config().fields().get("architectures"))
                    + " is not written as a GGUF file, " + names.className()
                    + " is; a Hugging Face directory keeps its head");
        }
        try (TensorFile source = files.open()) {
            List<String> own = source.names().stream().filter(name -> names.has(names.named(name))).toList();
            Map<String, Source> tensors = tensors(whole, names, source, own);
            tensors.keySet().forEach(names::of); // a head that has no place is told before anything else
            GgufWriter writer = new GgufWriter(names.architecture());
            new GgufHyperparameters(files.config(), names, writer).write(config);
            writer.fileType(dtype);
            Tokenizer.write(files.place(), files.config(), config.vocabularySize(), writer);
            ChatTemplate template = files.chatTemplate();
            if (template != null) {
                writer.put("tokenizer.chat_template", template.source());
            }
            put(tensors, names, dtype, writer);
            writer.write(to);
        }
    }

    private static void put(Map<String, Source> tensors, GgufNames names, DType dtype, GgufWriter writer) {
        tensors.forEach((name, tensor) -> writer.tensor(names.of(name), names.shape(name, tensor.shape), dtype,
                () -> names.stored(name, tensor.values.get())));
    }

    private static Map<String, Source> tensors(Module whole, GgufNames names, TensorFile source,
            Collection<String> own) {
        Map<String, Source> tensors = new LinkedHashMap<>();
        own.forEach(name -> tensors.put(names.named(name), new Source(source.shape(name), () -> source.read(name))));
        ModelDirectory.parameters(whole).forEach((path, parameter) -> {
            if (names.has(names.named(path)) || !isBeside(whole, path)) {
                tensors.put(names.named(path), new Source(parameter.shape(), parameter::value));
            }
        });
        if (names.tiesHead()) { // which may stand in files of Hugging Face's none the less
            tensors.keySet().removeIf(name -> names.has(name) && names.of(name).equals("output.weight"));
        }
        return tensors;
    }

    /** Whether it is of a pooler, which GGUF files leave out, and hidden states do without. */
    private static boolean isBeside(Module whole, String path) {
        return whole instanceof Backbone backbone
                && backbone.besideHiddenStates().stream().anyMatch(layer -> path.startsWith(layer + "."));
    }

    private record Source(Shape shape, Supplier<Tensor> values) {}
}
