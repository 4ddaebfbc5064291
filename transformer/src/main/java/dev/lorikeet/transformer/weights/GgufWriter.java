package dev.lorikeet.transformer.weights;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Writes a GGUF file of version 3: values by key, then tensors in F32, F16, BF16 or Q8_0. Those are asked for one by
 * one when they are written, so that they need not be in memory together.
 */
public final class GgufWriter {
    private static final int ALIGNMENT = 32;
    private static final int VERSION = 3;
    private static final int UINT32 = 4;
    private static final int INT32 = 5;
    private static final int FLOAT32 = 6;
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int ARRAY = 9;

    /** llama.cpp's {@code llama_ftype}: most tensors are of this type. */
    private static final Map<DType, Integer> FILE_TYPES = Map.of(DType.F32, 0, DType.F16, 1, DType.Q8_0, 7, DType.BF16,
            32);

    private final Map<String, byte[]> values = new LinkedHashMap<>();
    private final Map<String, Entry> tensors = new LinkedHashMap<>();

    private record Entry(Shape shape, DType dtype, Supplier<Tensor> values) {
        long bytes() {
            return (long) shape.size() / dtype.blockLength() * dtype.bytes();
        }
    }

    /** Says {@code general.architecture}, which stands first. */
    public GgufWriter(String architecture) {
        put("general.architecture", architecture);
    }

    /**
     * Says in which type most tensors are.
     *
     * @param dtype F32, F16, BF16 or Q8_0
     */
    public void fileType(DType dtype) {
        put("general.file_type", FILE_TYPES.getOrDefault(dtype, 0));
        if (dtype == DType.Q8_0) {
            put("general.quantization_version", 2);
        }
    }

    public void put(String key, String value) {
        values.put(key, bytes(STRING, text(value)));
    }

    /** @param value at least 0 */
    public void put(String key, int value) {
        values.put(key, bytes(UINT32, little(4).putInt(value)));
    }

    public void put(String key, float value) {
        values.put(key, bytes(FLOAT32, little(4).putFloat(value)));
    }

    public void put(String key, boolean value) {
        values.put(key, bytes(BOOL, little(1).put((byte) (value ? 1 : 0))));
    }

    public void put(String key, List<String> strings) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(little(4 + 4 + 8).putInt(ARRAY).putInt(STRING).putLong(strings.size()).array());
        strings.forEach(string -> all.writeBytes(text(string).array()));
        values.put(key, all.toByteArray());
    }

    public void put(String key, int[] numbers) {
        ByteBuffer all = little(4 + 4 + 8 + 4 * numbers.length).putInt(ARRAY).putInt(INT32).putLong(numbers.length);
        for (int number : numbers) {
            all.putInt(number);
        }
        values.put(key, all.array());
    }

    public void put(String key, float[] numbers) {
        ByteBuffer all = little(4 + 4 + 8 + 4 * numbers.length).putInt(ARRAY).putInt(FLOAT32).putLong(numbers.length);
        for (float number : numbers) {
            all.putFloat(number);
        }
        values.put(key, all.array());
    }

    /** The value that another file has under this key. */
    public void put(String key, GgufMetadata from) {
        values.put(key, from.bytes(key));
    }

    private static byte[] bytes(int type, ByteBuffer value) {
        return little(4 + value.capacity()).putInt(type).put(value.flip()).array();
    }

    private static ByteBuffer text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return little(8 + utf8.length).putLong(utf8.length).put(utf8);
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Adds a tensor. What rows of blocks cannot hold is written in F16 instead of {@link DType#Q8_0}, and a vector
     * always in float32, as llama.cpp has it.
     *
     * @param values of {@code shape}, asked for once
     * @throws IllegalArgumentException for a type that is not written
     */
    public void tensor(String name, Shape shape, DType dtype, Supplier<Tensor> values) {
        switch (dtype) {
            case F32, F16, BF16, Q8_0 -> tensors.put(name, new Entry(shape, type(shape, dtype), values));
            default -> throw new IllegalArgumentException("gguf: " + dtype
                    + " is not written, F32, F16, BF16 and Q8_0 are");
        }
    }

    private static DType type(Shape shape, DType asked) {
        if (shape.rank() < 2) {
            return DType.F32;
        }
        return shape.dim(-1) % asked.blockLength() == 0 ? asked : DType.F16;
    }

    /**
     * Writes the file, whole or not at all.
     *
     * @throws InputException if it cannot be written, or a number is not finite or too large for its type
     */
    public void write(Path file) {
        ByteBuffer header = header();
        AtomicFile.write(file, channel -> {
            writeFully(channel, header);
            for (Map.Entry<String, Entry> next : tensors.entrySet()) {
                pad(channel);
                write(channel, file, next.getKey(), next.getValue());
            }
        });
    }

    private ByteBuffer header() {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        header.writeBytes(little(4 + 8 + 8).putInt(VERSION).putLong(tensors.size()).putLong(values.size()).array());
        values.forEach((key, value) -> {
            header.writeBytes(text(key).array());
            header.writeBytes(value);
        });
        long offset = 0;
        for (Map.Entry<String, Entry> next : tensors.entrySet()) {
            Entry entry = next.getValue();
            int[] dims = entry.shape.dims();
            header.writeBytes(text(next.getKey()).array());
            ByteBuffer bytes = little(4 + 8 * dims.length + 4 + 8).putInt(dims.length);
            for (int i = dims.length - 1; i >= 0; i--) {
                bytes.putLong(dims[i]);
            }
            header.writeBytes(bytes.putInt(GgufTypes.number(entry.dtype)).putLong(offset).array());
            offset = Math.ceilDiv(offset + entry.bytes(), ALIGNMENT) * ALIGNMENT;
        }
        return ByteBuffer.wrap(header.toByteArray());
    }

    private static void pad(FileChannel channel) throws IOException {
        long position = channel.position();
        writeFully(channel, ByteBuffer.allocate((int) (Math.ceilDiv(position, ALIGNMENT) * ALIGNMENT - position)));
    }

    private static void write(FileChannel channel, Path file, String name, Entry entry) throws IOException {
        Tensor tensor = entry.values.get();
        if (!tensor.shape().equals(entry.shape)) {
            throw new IllegalArgumentException("gguf: " + name + " is " + tensor.shape() + ", said " + entry.shape);
        }
        int perRow = entry.shape.rank() == 0 ? 1 : entry.shape.dim(-1);
        ByteBuffer row = little(perRow / entry.dtype.blockLength() * entry.dtype.bytes());
        for (int i = 0; i < tensor.size(); i += perRow) {
            int wrong = Narrowing.narrow(entry.dtype, tensor.data(), tensor.offset() + i, perRow, row.clear());
            if (wrong >= 0) {
                throw new InputException(file, name, "element " + (i + wrong) + " is "
                        + tensor.data()[tensor.offset() + i + wrong] + ", which " + entry.dtype + " does not hold");
            }
            writeFully(channel, row.flip());
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
