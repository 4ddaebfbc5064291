package dev.lorikeet.bench.fuzz;

import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.weights.DType;
import dev.lorikeet.transformer.weights.OnnxFile;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** The readers of weights: safetensors, whole and in shards, and ONNX with the Protocol Buffers below it. */
final class WeightReaders {
    private static final List<String> TENSORS = List.of("a", "b.weight", "é", "", "c d");
    /** Those of a file, blocks that are of no such file among them. */
    private static final List<DType> TYPES = List.of(DType.F64, DType.F32, DType.F16, DType.BF16, DType.I64, DType.I32,
            DType.I16, DType.I8, DType.U8, DType.BOOL, DType.Q8_0);
    private static final List<String> FIELDS = List.of("\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"__metadata__\"",
            "\"a\"", "\"b.weight\"", "\"\\u0061\"");

    private WeightReaders() {}

    static Reader safetensors(Path directory) {
        Path file = directory.resolve("a.safetensors");
        return new Reader("safetensors", directory, WeightReaders::file, WeightReaders::broken, input -> {
            Files.write(file, input);
            Map<String, Tensor> tensors;
            Map<String, String> metadata;
            try (TensorFile weights = Safetensors.open(file)) {
                tensors = all(weights);
                metadata = weights.metadata();
            }
            if (!isWrittenAgain(input)) {
                return;
            }
            Path copy = directory.resolve("b.safetensors");
            Safetensors.write(copy, tensors, metadata);
            try (TensorFile weights = Safetensors.open(copy)) {
                requireSame(all(weights), tensors);
                if (!weights.metadata().equals(metadata)) {
                    throw new AssertionError(metadata + " is written as " + weights.metadata());
                }
            }
        });
    }

    /** Every fourth of the inputs that can be read: a file is on the disk before it has its name, which takes long. */
    static boolean isWrittenAgain(byte[] input) {
        return Arrays.hashCode(input) % 4 == 0;
    }

    private static Map<String, Tensor> all(TensorFile weights) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        weights.names().forEach(name -> tensors.put(name, weights.read(name)));
        return tensors;
    }

    static void requireSame(Map<String, Tensor> written, Map<String, Tensor> tensors) {
        if (!written.keySet().equals(tensors.keySet())) {
            throw new AssertionError(tensors.keySet() + " are written as " + written.keySet());
        }
        tensors.forEach((name, tensor) -> {
            Tensor other = written.get(name);
            if (other == null || !other.shape().equals(tensor.shape())
                    || !Arrays.equals(other.toArray(), tensor.toArray())) {
                throw new AssertionError(name + " is written as another tensor");
            }
        });
    }

    /** A header whose offsets fit, as a rule changed, and the data that it asks for. */
    private static byte[] file(SplittableRandom random) {
        Map<String, Object> header = new LinkedHashMap<>();
        if (random.nextBoolean()) {
            header.put("__metadata__", Map.of("format", "pt"));
        }
        int size = 0;
        for (int i = random.nextInt(4); i > 0; i--) {
            DType type = Mutants.one(TYPES, random);
            List<Integer> shape = random.ints(random.nextInt(4), 0, 4).boxed().toList();
            int end = size + shape.stream().reduce(type.bytes(), (a, b) -> a * b);
            Map<String, Object> entry = Map.of("dtype", type.name(), "shape", shape, "data_offsets",
                    List.of(size, end));
            if (header.putIfAbsent(Mutants.one(TENSORS, random), entry) == null) {
                size = end;
            }
        }
        JsonTree tree = JsonTree.of(header);
        String text = random.nextInt(4) == 0 ? tree.toString() : tree.changed(FIELDS, random).toString();
        byte[] json = (text + " ".repeat(random.nextInt(9))).getBytes(StandardCharsets.UTF_8);
        byte[] data = new byte[Math.max(0, size + (random.nextInt(8) == 0 ? random.nextInt(-5, 5) : 0))];
        random.nextBytes(data);
        byte[] file = ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length).put(json).put(data).array();
        return random.nextInt(8) == 0 ? Mutants.bytes(file, random) : file;
    }

    /** Two tensors with all that a header has. */
    private static Stream<byte[]> broken() {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("__metadata__", Map.of("format", "pt"));
        header.put("a", Map.of("dtype", "F32", "shape", List.of(2, 3), "data_offsets", List.of(0, 24)));
        header.put("b", Map.of("dtype", "F16", "shape", List.of(4), "data_offsets", List.of(24, 32)));
        JsonTree tree = JsonTree.of(header);
        byte[] whole = file(tree, 32);
        return Stream.of(Breaks.cuts(whole), Breaks.everywhere(whole, Long.BYTES),
                tree.broken().map(broken -> file(broken, 32))).flatMap(all -> all);
    }

    private static byte[] file(JsonTree header, int size) {
        byte[] json = utf8(header);
        return ByteBuffer.allocate(8 + json.length + size).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length)
                .put(json).array();
    }

    static Reader shards(Path directory, Path recorded) throws IOException {
        Files.createDirectories(directory);
        Path index = directory.resolve("model.safetensors.index.json");
        JsonTree seed = JsonTree.of(Json.readObject(recorded.resolve(index.getFileName())));
        for (int i = 1; i <= 3; i++) {
            Path shard = directory.resolve("model-0000" + i + "-of-00003.safetensors");
            Files.copy(recorded.resolve(shard.getFileName()), shard);
        }
        return Reader.ofJson("index of shards", directory, List.of(seed), List.of(), input -> {
            Files.write(index, input);
            try (TensorFile weights = Safetensors.openDirectory(directory)) {
                all(weights);
            }
        });
    }

    static byte[] utf8(JsonTree tree) {
        return tree.toString().getBytes(StandardCharsets.UTF_8);
    }

    static Reader onnx(Path directory) {
        Path file = directory.resolve("a.onnx");
        Wire packed = new Wire().bytes(1, new byte[] {2, 2}).number(2, 1).text(8, "packed")
                .bytes(4, new byte[4 * Float.BYTES]);
        Wire model = new Wire().number(1, 6).text(2, "pytorch").message(7, new Wire()
                .message(1, new Wire().text(1, "x").text(1, "w").text(2, "y").text(3, "/layer/query/MatMul")
                        .text(4, "MatMul"))
                .message(1, new Wire().text(1, "y").text(3, "/layer/Add").text(4, "Add"))
                .message(5, tensor("w", 1, 2 * 3 * Float.BYTES, 2, 3))
                .message(5, tensor("layer.query.bias", 1, 3 * Float.BYTES, 3))
                .message(5, tensor("position_ids", 7, 2 * Long.BYTES, 1, 2)).message(5, packed));
        return new Reader("ONNX", directory,
                random -> random.nextInt(3) == 0 ? Mutants.bytes(model.toBytes(), random)
                        : model.changed(random).toBytes(),
                () -> Stream.concat(Breaks.cuts(model.toBytes()), model.broken()), input -> {
                    Files.write(file, input);
                    try (TensorFile weights = OnnxFile.open(file)) {
                        all(weights);
                    }
                });
    }

    private static Wire tensor(String name, int type, int bytes, long... dims) {
        Wire tensor = new Wire();
        for (long dim : dims) {
            tensor.number(1, dim);
        }
        return tensor.number(2, type).text(8, name).bytes(9, new byte[bytes]);
    }
}
