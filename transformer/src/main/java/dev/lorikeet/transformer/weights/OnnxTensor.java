package dev.lorikeet.transformer.weights;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.ProtobufReader;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * One initialiser of an ONNX graph: TensorProto.dims = 1, data_type = 2, segment = 3, float_data = 4, name = 8,
 * raw_data = 9, external_data = 13, data_location = 14.
 *
 * @param data the values, little-endian, in row-major order; empty where whole numbers are not raw
 */
record OnnxTensor(String name, DType dtype, Shape shape, MemorySegment data) {
    private static final int FLOAT = 1;
    private static final int INT64 = 7;

    static OnnxTensor parse(Path file, MemorySegment message) {
        String name = name(file, message);
        List<Long> dims = new ArrayList<>();
        long type = 0;
        MemorySegment raw = null;
        MemorySegment floats = null;
        ProtobufReader reader = new ProtobufReader(file, "initialiser " + name, message);
        while (reader.next()) {
            switch (reader.field()) {
                case 1 -> addDims(reader, file, name, dims);
                case 2 -> type = reader.number();
                case 4 -> floats = once(floats, reader, "float_data");
                case 9 -> raw = once(raw, reader, "raw_data");
                case 3, 13 -> throw reader.error("its data is in pieces or in another file, which is not supported");
                case 14 -> {
                    if (reader.number() != 0) {
                        throw reader.error("its data is in another file, which is not supported");
                    }
                }
                default -> {
                }
            }
        }
        return new OnnxTensor(name, dtype(type, reader), shape(dims, file, name), data(type, raw, floats, reader))
                .requireSize(type == INT64 && raw == null, file);
    }

    private static String name(Path file, MemorySegment message) {
        String name = "";
        ProtobufReader reader = new ProtobufReader(file, "initialiser", message);
        while (reader.next()) {
            if (reader.field() == 8) {
                name = reader.text();
            }
        }
        if (name.isEmpty()) {
            throw reader.error("an initialiser without a name");
        }
        return name;
    }

    private static void addDims(ProtobufReader reader, Path file, String name, List<Long> dims) {
        if (reader.isNumber()) {
            dims.add(reader.number());
            return;
        }
        ProtobufReader packed = new ProtobufReader(file, "dims of " + name, reader.bytes());
        while (packed.hasMore()) {
            dims.add(packed.varint());
        }
    }

    private static MemorySegment once(@Nullable MemorySegment before, ProtobufReader reader, String field) {
        if (before != null) {
            throw reader.error(field + " is there twice");
        }
        return reader.bytes();
    }

    private static DType dtype(long type, ProtobufReader reader) {
        if (type == FLOAT) {
            return DType.F32;
        }
        if (type == INT64) {
            return DType.I64;
        }
        throw reader.error("data_type " + type + " is not supported, 1 (float32) and 7 (int64) are");
    }

    private static Shape shape(List<Long> dims, Path file, String name) {
        int[] shape = new int[dims.size()];
        long size = 1;
        for (int i = 0; i < shape.length; i++) {
            long dim = dims.get(i);
            if (dim < 0 || dim > Integer.MAX_VALUE || size * dim > Integer.MAX_VALUE) {
                throw new InputException(file, name,
                        "dims " + dims + (dim < 0 ? " has a negative one" : " has 2^31 elements or more"));
            }
            shape[i] = (int) dim;
            size *= dim;
        }
        return Shape.of(shape);
    }

    private static MemorySegment data(long type, @Nullable MemorySegment raw, @Nullable MemorySegment floats,
            ProtobufReader reader) {
        if (floats != null && (raw != null || type != FLOAT)) {
            throw reader.error("float_data beside " + (raw == null ? "data_type " + type : "raw_data"));
        }
        if (raw != null) {
            return raw;
        }
        return floats == null ? MemorySegment.NULL : floats;
    }

    private OnnxTensor requireSize(boolean elsewhere, Path file) {
        long expected = (long) shape.size() * dtype.bytes();
        if (!elsewhere && data.byteSize() != expected) {
            throw new InputException(file, name, "has " + data.byteSize() + " bytes of data, shape " + shape + " of "
                    + dtype + " needs " + expected);
        }
        return this;
    }
}
