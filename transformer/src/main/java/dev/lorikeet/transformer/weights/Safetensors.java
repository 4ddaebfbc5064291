package dev.lorikeet.transformer.weights;

import dev.lorikeet.tensor.Reductions;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The safetensors format: eight bytes of header length, a JSON header, the tensors back to back.
 *
 * <p>Source: the format's description at the Hugging Face project {@code safetensors}. Reading is as strict as its
 * reference implementation and stricter: one name twice, unknown fields and a header that does not begin with a brace
 * are refused too.
 */
public final class Safetensors {
    private static final int WRITE_BUFFER = 1 << 16;

    private Safetensors() {}

    /**
     * Opens one file and checks it whole: header, types, shapes, and that the tensors cover the data exactly, without
     * overlap or hole.
     *
     * @throws InputException if the file is missing or breaks the format
     */
    public static TensorFile open(Path file) {
        return SafetensorsFile.open(file);
    }

    /**
     * Opens a model's directory: {@code model.safetensors}, or where there is none, the shards that
     * {@code model.safetensors.index.json} names.
     *
     * @throws InputException if there is neither, or a file breaks the format, or index and shards disagree
     */
    public static TensorFile openDirectory(Path directory) {
        Path whole = directory.resolve("model.safetensors");
        if (Files.exists(whole)) {
            return open(whole);
        }
        Path index = directory.resolve("model.safetensors.index.json");
        if (Files.exists(index)) {
            return ShardedWeights.open(index);
        }
        if (Files.exists(directory.resolve("pytorch_model.bin"))
                || Files.exists(directory.resolve("pytorch_model.bin.index.json"))) {
            throw new InputException(directory, "weights", Pickles.rule("pytorch_model", "model.safetensors"));
        }
        throw new InputException(directory, "weights", Files.isDirectory(directory)
                ? "neither model.safetensors nor model.safetensors.index.json is there"
                : "there is no such directory");
    }

    /**
     * As {@link #write}, of a model's numbers: a file that held others would be refused when it is read.
     *
     * @throws InputException also if an element is not finite; nothing is written then
     */
    public static void writeFinite(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        tensors.forEach((name, tensor) -> {
            int wrong = Reductions.firstNotFinite(tensor);
            if (wrong >= 0) {
                throw new InputException(file, name, "element " + wrong + " is "
                        + tensor.data()[tensor.offset() + wrong]);
            }
        });
        write(file, tensors, metadata);
    }

    /**
     * Writes tensors as F32, in the order of their names, metadata in the order of its keys, so that the same content
     * always gives the same bytes. The file appears whole or not at all.
     *
     * @throws InputException if the file cannot be written
     * @throws IllegalArgumentException if a tensor has the reserved name {@code __metadata__}
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        TreeMap<String, Tensor> sorted = new TreeMap<>(tensors);
        ByteBuffer header = SafetensorsHeader.encode(sorted, metadata);
        AtomicFile.write(file, channel -> {
            writeFully(channel, header);
            ByteBuffer buffer = ByteBuffer.allocate(WRITE_BUFFER).order(ByteOrder.LITTLE_ENDIAN);
            for (Tensor tensor : sorted.values()) {
                writeFloats(channel, tensor, buffer);
            }
        });
    }

    private static void writeFloats(FileChannel channel, Tensor tensor, ByteBuffer buffer) throws IOException {
        for (int from = 0; from < tensor.size(); from += WRITE_BUFFER / Float.BYTES) {
            int count = Math.min(WRITE_BUFFER / Float.BYTES, tensor.size() - from);
            buffer.clear().limit(count * Float.BYTES);
            buffer.asFloatBuffer().put(tensor.data(), tensor.offset() + from, count);
            writeFully(channel, buffer);
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
