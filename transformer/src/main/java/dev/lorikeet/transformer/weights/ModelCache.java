package dev.lorikeet.transformer.weights;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Unpacks a built-in model's artefact into a directory of Hugging Face's layout.
 *
 * <p>It is written beside its place and renamed when it is whole, so that nobody ever sees half of it. Where two
 * processes unpack the same model, the first to finish wins and the other uses that.
 */
final class ModelCache {
    private static final System.Logger LOG = System.getLogger(ModelCache.class.getName());
    /** Unpacking takes seconds; another process may be at it. */
    private static final Duration ABANDONED = Duration.ofHours(1);
    private static final String CONFIG = "config.json";
    private static final String WEIGHTS = "model.safetensors";
    private static final String TOKENIZER = "tokenizer.json";

    private ModelCache() {}

    static Path directory(BuiltInModels.BuiltIn model, Path cache) {
        Path models = cache.resolve("models");
        Path directory = models.resolve(model.name());
        if (isWhole(directory)) {
            return directory;
        }
        deleteAbandoned(models, model.name());
        Path scratch = AtomicFile.temporarySibling(directory);
        Path unfinished = AtomicFile.temporarySibling(directory);
        try {
            Files.createDirectories(scratch);
            Files.createDirectories(unfinished);
            unpack(model, scratch, unfinished);
            install(unfinished, directory);
        } catch (IOException e) {
            throw new InputException(directory, "unpack " + model.name(), "cannot be written: " + e);
        } finally {
            delete(scratch);
            delete(unfinished);
        }
        return directory;
    }

    /** Somebody may have emptied the directory, or a disk was full in an older time: then it is unpacked again. */
    private static boolean isWhole(Path directory) {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (TensorFile weights = Safetensors.open(directory.resolve(WEIGHTS))) {
            Json.readObject(directory.resolve(CONFIG));
            Json.readObject(directory.resolve(TOKENIZER));
            return !weights.names().isEmpty();
        } catch (InputException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "damaged, to be unpacked again: " + e.getMessage());
            return false;
        }
    }

    /** Deletes what a process began long ago and never finished, since it was killed. */
    static void deleteAbandoned(Path models, String model) {
        if (!Files.isDirectory(models)) {
            return;
        }
        Instant limit = Instant.now().minus(ABANDONED);
        try (Stream<Path> entries = Files.list(models)) {
            for (Path entry : entries.toList()) {
                String name = String.valueOf(entry.getFileName());
                if (name.startsWith("." + model + ".") && name.endsWith(".tmp")
                        && Files.getLastModifiedTime(entry).toInstant().isBefore(limit)) {
                    delete(entry);
                }
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "not looked through: " + models, e);
        }
    }

    private static void install(Path unfinished, Path directory) throws IOException {
        if (Files.exists(directory) && !isWhole(directory)) {
            Path damaged = AtomicFile.temporarySibling(directory);
            Files.move(directory, damaged);
            delete(damaged);
        }
        try {
            Files.move(unfinished, directory);
        } catch (IOException e) {
            if (!isWhole(directory)) { // else another process was first
                throw e;
            }
        }
    }

    private static void unpack(BuiltInModels.BuiltIn model, Path scratch, Path directory) throws IOException {
        Path onnx = scratch.resolve(model.resource() + ".onnx");
        try (ModelArtifact artifact = ModelArtifact.open(model, scratch)) {
            copy(artifact, model.resource() + ".onnx", onnx);
            copy(artifact, model.resource() + "-" + TOKENIZER, directory.resolve(TOKENIZER));
        }
        Map<String, Tensor> tensors = new TreeMap<>();
        try (TensorFile weights = OnnxFile.open(onnx)) {
            weights.names().forEach(name -> tensors.put(name, weights.read(name)));
        }
        Safetensors.write(directory.resolve(WEIGHTS), tensors, Map.of("format", "pt"));
        AtomicFile.write(directory.resolve(CONFIG), Json.write(config(model, tensors)));
    }

    private static void copy(ModelArtifact artifact, String name, Path to) throws IOException {
        try (InputStream from = artifact.read(name)) {
            Files.copy(from, to);
        }
    }

    /** As {@code BertConfig} of transformers writes it; sizes are the tensors'. */
    private static Map<String, Object> config(BuiltInModels.BuiltIn model, Map<String, Tensor> tensors) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("_name_or_path", model.huggingFaceId());
        config.put("architectures", List.of("BertModel"));
        config.put("attention_probs_dropout_prob", 0.1);
        config.put("hidden_act", "gelu");
        config.put("hidden_dropout_prob", 0.1);
        config.put("hidden_size", size(tensors, "embeddings.word_embeddings.weight", 1));
        config.put("initializer_range", 0.02);
        config.put("intermediate_size", size(tensors, "encoder.layer.0.intermediate.dense.weight", 0));
        config.put("layer_norm_eps", 1e-12);
        config.put("max_position_embeddings", size(tensors, "embeddings.position_embeddings.weight", 0));
        config.put("model_type", "bert");
        config.put("num_attention_heads", model.heads());
        config.put("num_hidden_layers", layers(tensors));
        config.put("pad_token_id", 0);
        config.put("position_embedding_type", "absolute");
        config.put("type_vocab_size", size(tensors, "embeddings.token_type_embeddings.weight", 0));
        config.put("use_cache", true);
        config.put("vocab_size", size(tensors, "embeddings.word_embeddings.weight", 0));
        return config;
    }

    private static int size(Map<String, Tensor> tensors, String name, int axis) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new InputException("built-in model: its file has no " + name);
        }
        return tensor.shape().dim(axis);
    }

    private static int layers(Map<String, Tensor> tensors) {
        int layers = 0;
        while (tensors.containsKey("encoder.layer." + layers + ".attention.self.query.weight")) {
            layers++;
        }
        return layers;
    }

    private static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "left behind: " + directory, e);
        }
    }
}
