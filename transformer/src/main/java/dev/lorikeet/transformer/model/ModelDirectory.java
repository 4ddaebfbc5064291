package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.nn.Embedding;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.SelfAttention;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.weights.Safetensors;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a model as the Hugging Face directory that it could have been loaded from: {@code config.json},
 * {@code model.safetensors} in float32 and one file whatever the source was, a tied weight once, and the tokenizer's
 * files. No absolute path is written: what the source has of them is left out.
 */
final class ModelDirectory {
    /** Fields that may hold the path of a file. */
    private static final Set<String> PLACES = Set.of("_name_or_path", "name_or_path", "tokenizer_file",
            "special_tokens_map_file", "vocab_file", "merges_file");

    private ModelDirectory() {}

    /**
     * Writes {@code model}.
     *
     * @param again tensors that have a second name, by that
     * @param files that it was loaded from; all fields of their {@code config.json} are kept but for those of
     *     {@code changes} and the number format
     * @throws InputException if a weight is not finite, or a file cannot be read or written
     * @throws IllegalStateException if a layer has an adapter that is not merged
     */
    static void write(Module model, Map<String, Parameter> again, ModelFiles files, Map<String, Object> changes,
            Path directory) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        parameters(model).forEach((path, parameter) -> tensors.put(path, parameter.value()));
        again.forEach((path, parameter) -> tensors.put(path, parameter.value()));
        Map<String, Object> fields = new LinkedHashMap<>(files.config().fields());
        fields.putAll(changes);
        for (String name : List.of("dtype", "torch_dtype")) {
            fields.computeIfPresent(name, (key, value) -> "float32");
        }
        Safetensors.writeFinite(directory.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
        AtomicFile.write(directory.resolve("config.json"), Json.write(withoutPlaces(fields)));
        files.writeBeside(directory);
    }

    /** The parameters under Hugging Face's names, those of adapters left out. */
    static Map<String, Parameter> parameters(Module model) {
        Map<String, Parameter> tensors = new LinkedHashMap<>(model.namedParameters());
        model.namedModules().forEach((path, module) -> {
            if (module instanceof Linear linear && linear.adapter() != null) {
                drop(tensors, path, linear.adapter().isMerged(), linear.adapter().parameters());
            } else if (module instanceof Embedding embedding && embedding.adapter() != null) {
                drop(tensors, path, embedding.adapter().isMerged(), embedding.adapter().parameters());
            } else if (module instanceof SelfAttention attention && attention.adapter() != null) {
                drop(tensors, path, false, attention.adapter().parameters());
            }
        });
        return tensors;
    }

    private static void drop(Map<String, Parameter> tensors, String path, boolean merged,
            Map<String, Parameter> adapter) {
        if (!merged) {
            throw new IllegalStateException("save: " + path + " has an adapter, merge or detach it first");
        }
        adapter.keySet().forEach(name -> tensors.remove(path + "." + name));
    }

    /** Copies a file, if it is there, but for the absolute paths in it. */
    static void copy(Path from, Path to) {
        try {
            if (!Files.isRegularFile(from) || Files.exists(to) && Files.isSameFile(from, to)) {
                return;
            }
            if (from.toString().endsWith("_config.json")) {
                Map<String, Object> fields = Json.readObject(from);
                Map<String, Object> kept = withoutPlaces(fields);
                if (kept.size() < fields.size()) {
                    AtomicFile.write(to, Json.write(kept));
                    return;
                }
            }
            AtomicFile.write(to, channel -> {
                try (FileChannel content = FileChannel.open(from)) {
                    long size = content.size();
                    for (long at = 0; at < size;) {
                        at += content.transferTo(at, size - at, channel);
                    }
                }
            });
        } catch (IOException e) {
            throw new InputException(from, "copy", "cannot be read: " + e);
        }
    }

    /** Without the places on some machine's disk where files once were. */
    private static Map<String, Object> withoutPlaces(Map<String, Object> fields) {
        Map<String, Object> kept = new LinkedHashMap<>(fields);
        kept.entrySet().removeIf(field -> PLACES.contains(field.getKey()) && field.getValue() instanceof String text
                && (text.startsWith("/") || text.matches("~.*|[A-Za-z]:[\\\\/].*")));
        return kept;
    }
}
