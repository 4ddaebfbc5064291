package dev.lorikeet.transformer.weights;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes the few protobuf messages of a small ONNX model, right or wrong. */
final class OnnxBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    OnnxBytes varint(long value) {
        for (; (value & ~0x7FL) != 0; value >>>= 7) {
            out.write((int) (value & 0x7F | 0x80));
        }
        out.write((int) value);
        return this;
    }

    OnnxBytes number(int field, long value) {
        return varint((long) field << 3).varint(value);
    }

    OnnxBytes bytes(int field, byte[] content) {
        varint((long) field << 3 | 2).varint(content.length);
        out.writeBytes(content);
        return this;
    }

    OnnxBytes message(int field, OnnxBytes content) {
        return bytes(field, content.toBytes());
    }

    OnnxBytes text(int field, String content) {
        return bytes(field, content.getBytes(StandardCharsets.UTF_8));
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    /** An initialiser of float32, with its data raw. */
    static OnnxBytes tensor(String name, byte[] raw, long... dims) {
        OnnxBytes tensor = new OnnxBytes();
        for (long dim : dims) {
            tensor.number(1, dim);
        }
        return tensor.number(2, 1).text(8, name).bytes(9, raw);
    }

    static OnnxBytes matMul(String name, String weight) {
        return new OnnxBytes().text(1, "x").text(1, weight).text(2, "y").text(3, name).text(4, "MatMul");
    }

    /** A whole model. */
    static byte[] model(OnnxBytes graph) {
        return new OnnxBytes().number(1, 6).text(2, "pytorch").message(7, graph).toBytes();
    }
}
