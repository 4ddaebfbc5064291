package dev.lorikeet.transformer.weights;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * The JSON header of a safetensors file: {@code {"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}, …,
 * "__metadata__":{…}}}, offsets from the end of the header.
 *
 * @param entries the tensors in the header's order
 * @param metadata the strings under {@code __metadata__}
 */
record SafetensorsHeader(Map<String, Entry> entries, Map<String, String> metadata) {
    private static final String METADATA = "__metadata__";
    private static final Set<String> FIELDS = Set.of("dtype", "shape", "data_offsets");

    /** One tensor: bytes {@code begin} (inclusive) to {@code end} (exclusive) of the data. */
    record Entry(DType dtype, Shape shape, long begin, long end) {}

    /**
     * Reads a header and checks it against the size of the data that follows it.
     *
     * @param dataSize bytes between the header and the end of the file
     */
    static SafetensorsHeader parse(byte[] utf8, long dataSize, Path file) {
        if (utf8.length == 0 || utf8[0] != '{') {
            throw new InputException(file, "header", "must start with {");
        }
        Map<String, Entry> entries = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        JsonObject header = new JsonObject(file, "", Json.readObject(utf8, file));
        for (String name : header.fields().keySet()) {
            JsonObject object = header.object(name);
            if (name.equals(METADATA)) {
                object.fields().keySet().forEach(key -> metadata.put(key, object.string(key)));
            } else {
                entries.put(name, entry(object, dataSize));
            }
        }
        requireCoverage(entries, dataSize, file);
        return new SafetensorsHeader(entries, metadata);
    }

    private static Entry entry(JsonObject object, long dataSize) {
        object.allowOnly(FIELDS);
        DType dtype = dtype(object);
        Shape shape = shape(object);
        List<?> offsets = object.list("data_offsets");
        if (offsets.size() != 2) {
            throw object.error("data_offsets", "two offsets are expected, not " + offsets.size());
        }
        long begin = nonNegative(offsets.get(0), object, "data_offsets");
        long end = nonNegative(offsets.get(1), object, "data_offsets");
        if (begin > end || end > dataSize) {
            throw object.error("data_offsets",
                    "[" + begin + ", " + end + ") is no range of the " + dataSize + " bytes of data");
        }
        long expected = (long) shape.size() * dtype.bytes();
        if (end - begin != expected) {
            throw object.error("data_offsets", "[" + begin + ", " + end + ") has " + (end - begin) + " bytes, shape "
                    + shape + " of " + dtype + " needs " + expected);
        }
        return new Entry(dtype, shape, begin, end);
    }

    private static DType dtype(JsonObject object) {
        String name = object.string("dtype");
        List<DType> known = Arrays.stream(DType.values()).filter(dtype -> dtype.blockLength() == 1).toList();
        return known.stream().filter(dtype -> dtype.name().equals(name)).findFirst()
                .orElseThrow(() -> object.error("dtype", "unknown type " + name + ", known are "
                        + Shown.names(known.stream().map(DType::name).toList())));
    }

    private static Shape shape(JsonObject object) {
        List<?> list = object.list("shape");
        int[] dims = new int[list.size()];
        long size = 1;
        for (int i = 0; i < dims.length; i++) {
            long dim = nonNegative(list.get(i), object, "shape");
            try {
                dims[i] = Math.toIntExact(dim);
                size = Math.toIntExact(Math.multiplyExact(size, dim));
            } catch (ArithmeticException e) {
                throw object.error("shape", list + " has 2^31 elements or more");
            }
        }
        return Shape.of(dims);
    }

    private static long nonNegative(@Nullable Object value, JsonObject object, String field) {
        if (!(value instanceof Integer || value instanceof Long) || ((Number) value).longValue() < 0) {
            throw object.error(field, "whole numbers from 0 to 2^63-1 are expected, not " + value);
        }
        return ((Number) value).longValue();
    }

    /** Every byte of the data belongs to exactly one tensor. */
    private static void requireCoverage(Map<String, Entry> entries, long dataSize, Path file) {
        List<Map.Entry<String, Entry>> byPosition = new ArrayList<>(entries.entrySet());
        byPosition.sort(Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
                .thenComparingLong(e -> e.getValue().end()));
        long covered = 0;
        for (Map.Entry<String, Entry> next : byPosition) {
            long begin = next.getValue().begin();
            if (begin != covered) {
                throw new InputException(file, next.getKey() + ".data_offsets", begin < covered
                        ? "starts at " + begin + ", within another tensor that ends at " + covered
                        : "starts at " + begin + ", the bytes from " + covered + " on belong to no tensor");
            }
            covered = next.getValue().end();
        }
        if (covered != dataSize) {
            throw new InputException(file, "byte " + covered + " of the data",
                    (dataSize - covered) + " bytes after the last tensor");
        }
    }

    /**
     * The length and the header for tensors written as F32 in the given order, padded with spaces to a multiple of
     * eight bytes.
     */
    static ByteBuffer encode(SortedMap<String, Tensor> tensors, Map<String, String> metadata) {
        if (tensors.containsKey(METADATA)) {
            throw new IllegalArgumentException("safetensors: " + METADATA + " is not a name for a tensor");
        }
        StringJoiner json = new StringJoiner(",", "{", "}");
        if (!metadata.isEmpty()) {
            StringJoiner pairs = new StringJoiner(",", "{", "}");
            new TreeMap<>(metadata).forEach((key, value) -> pairs.add(quote(key) + ":" + quote(value)));
            json.add(quote(METADATA) + ":" + pairs);
        }
        long position = 0;
        for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
            long end = position + (long) tensor.getValue().size() * Float.BYTES;
            json.add(quote(tensor.getKey()) + ":{\"dtype\":\"F32\",\"shape\":" + dims(tensor.getValue())
                    + ",\"data_offsets\":[" + position + "," + end + "]}");
            position = end;
        }
        byte[] utf8 = json.toString().getBytes(StandardCharsets.UTF_8);
        if (utf8.length > SafetensorsFile.MAX_HEADER) { // nobody could read it
            throw new IllegalArgumentException("safetensors: a header of " + utf8.length + " bytes, "
                    + SafetensorsFile.MAX_HEADER + " is the most allowed");
        }
        int padded = (utf8.length + 7) / 8 * 8;
        ByteBuffer header = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).put(utf8);
        while (header.hasRemaining()) {
            header.put((byte) ' ');
        }
        return header.flip();
    }

    private static String dims(Tensor tensor) {
        return Arrays.toString(tensor.shape().dims()).replace(" ", "");
    }

    private static String quote(String text) {
        return Json.write(text).strip();
    }
}
