package dev.lorikeet.transformer.weights;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * A model in several safetensors files, joined by {@code model.safetensors.index.json}: {@code {"metadata": {…},
 * "weight_map": {"tensor": "file", …}}}.
 */
final class ShardedWeights implements TensorFile {
    private final Path index;
    private final Map<String, TensorFile> shards = new LinkedHashMap<>();
    private final Map<String, TensorFile> shardOf = new LinkedHashMap<>();

    private ShardedWeights(Path index) {
        this.index = index;
    }

    static ShardedWeights open(Path index) {
        ShardedWeights weights = new ShardedWeights(index);
        try {
            JsonObject map = JsonObject.read(index).object("weight_map");
            for (String name : map.fields().keySet()) {
                weights.add(name, map);
            }
            weights.requireNoExtra();
            return weights;
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    private void add(String name, JsonObject map) {
        String fileName = map.string(name);
        if (fileName.isEmpty() || fileName.contains("/") || fileName.contains("\\")
                || fileName.equals("..")) {
            throw map.error(name, "a file name beside the index is expected, not \"" + fileName + "\"");
        }
        Path file = map.path(name, Objects.requireNonNullElse(index.getParent(), Path.of("")));
        TensorFile shard = shards.computeIfAbsent(fileName, _ -> SafetensorsFile.open(file));
        if (!shard.contains(name)) {
            throw map.error(name, "is not in " + fileName);
        }
        shardOf.put(name, shard);
    }

    private void requireNoExtra() {
        shards.forEach((fileName, shard) -> {
            for (String name : shard.names()) {
                if (!shard.equals(shardOf.get(name))) {
                    throw new InputException(shard.source(), name,
                            "is in this file, but " + index.getFileName() + " does not place it here");
                }
            }
        });
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(shardOf.keySet());
    }

    @Override
    public Shape shape(String name) {
        return shard(name).shape(name);
    }

    @Override
    public DType dtype(String name) {
        return shard(name).dtype(name);
    }

    @Override
    public Tensor read(String name) {
        return shard(name).read(name);
    }

    @Override
    public <T> T take(String name, Function<MemorySegment, T> taker) {
        return shard(name).take(name, taker);
    }

    /** What the shards say about themselves; where they differ, the first one counts. */
    @Override
    public Map<String, String> metadata() {
        Map<String, String> all = new LinkedHashMap<>();
        shards.values().forEach(shard -> shard.metadata().forEach(all::putIfAbsent));
        return Collections.unmodifiableMap(all);
    }

    @Override
    public Path source() {
        return index;
    }

    @Override
    public void close() {
        shards.values().forEach(TensorFile::close);
    }

    private TensorFile shard(String name) {
        TensorFile shard = shardOf.get(name);
        if (shard == null) {
            throw new InputException(index, name, "there is no tensor of this name");
        }
        return shard;
    }
}
